import type { RetentionPolicy } from './retention.ts'
import type { Duration, Instant } from './time.ts'
import { seconds } from './time.ts'

export interface App {
  id: string
  name: string
  ownerId: string
  /** Counts every action on the app; its ETag. */
  revision: number
  lastVersion: number
  maintenance: boolean
  stack: string
  buildStack: string
  settings: AppSettings
  /** What it sets for itself of how long its artifacts are kept. */
  retention: Partial<RetentionPolicy>
  createdAt: Instant
  updatedAt: Instant
  releasedAt: Instant | null
  archivedAt: Instant | null
}

/** What an app may set for itself; what it leaves out is the platform's. */
export interface AppSettings {
  bootTimeout?: Duration
  shutdownGrace?: Duration
  startGrace?: Duration
  releaseTimeout?: Duration
  /** How long the web dynos of the release before stay up without traffic after a cut-over; 0 for not at all. */
  standby?: Duration
  /** How long after a cut-over a release that does badly is rolled back by itself; 0 for never. */
  autoRollbackWindow?: Duration
  /** Percent of its answers that may be errors. */
  autoRollbackErrorRate?: number
  /** Answers it takes to judge by them. */
  autoRollbackRequests?: number
  /** Crashes of its dynos that are too many. */
  autoRollbackCrashes?: number
}

export const DEFAULT_SETTINGS: Required<AppSettings> = {
  bootTimeout: seconds(60),
  shutdownGrace: seconds(30),
  startGrace: seconds(2),
  releaseTimeout: seconds(3600),
  standby: 0,
  autoRollbackWindow: 0,
  autoRollbackErrorRate: 20,
  autoRollbackRequests: 20,
  autoRollbackCrashes: 3,
}

/** The stack of apps that bring an image of their own. */
export const CONTAINER_STACK = 'container'
export const STACKS = ['tidemark-1', CONTAINER_STACK] as const
export const DEFAULT_STACK: string = STACKS[0]

const NAME = /^[a-z][a-z0-9-]{1,28}[a-z0-9]$/

/** Names that are, or may become, hosts of the platform itself. */
const RESERVED = new Set([
  'api',
  'git',
  'dashboard',
  'www',
  'admin',
  'tidemark',
  'registry',
  'status',
  'localhost',
])

/** Why `name` cannot be an app's name, as a sentence, or undefined when it can. */
export function nameFault(name: string): string | undefined {
  if (!NAME.test(name)) {
    return 'Name must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes (3 to 30 characters).'
  }
  if (RESERVED.has(name)) return `Name ${name} is reserved for the platform. Choose another one.`
  return undefined
}

const ADJECTIVES =
  'ancient autumn bold calm clear cold cool dark deep evening fierce floating frozen gentle hidden late misty morning quiet rapid severe shallow silent spring still stormy strong summer tranquil winter'.split(
    ' ',
  )
const NOUNS =
  'anchor bay beach boat cape cliff cove crest current delta dune ebb estuary fjord gull harbor island lagoon mountain ocean reef ridge river sand sea shore sound spit tide wave'.split(
    ' ',
  )

/** A name for an app whose maker gave none. `random` answers a whole number from 0 to below its argument. */
export function haiku(random: (below: number) => number): string {
  const pick = (words: readonly string[]) => words[random(words.length)]
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${100 + random(9900)}`
}
