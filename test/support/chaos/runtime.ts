import type { TestPlatform } from '../platform.ts'

/** What dynos run on, and how that is looked at from outside. */
export interface ChaosRuntime {
  /** Settings of a platform that uses it. */
  environment: Readonly<Record<string, string>>
  /** Holds a platform at rest to running these dynos and nothing else, and to having files of theirs alone. */
  assertRuns(platform: TestPlatform, dynos: readonly { id: string }[]): Promise<void>
  /** Holds a stopped platform to running nothing. */
  assertNothingRuns(platform: TestPlatform): Promise<void>
  /** Answers how to take away what a platform leaves behind on purpose, once it is no more. */
  remover(platform: TestPlatform): Promise<() => Promise<void>>
}
