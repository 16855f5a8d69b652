import type { Instant } from './time.ts'

/** A formation dyno (`web.1`), a one-off (`run.1234`) or a release command (`release.1234`). */
export type DynoKind = 'formation' | 'run' | 'release'

/** The API's states, `idle` being one on standby, and `complete` for a one-off that ended. */
export type DynoState = 'starting' | 'up' | 'idle' | 'crashed' | 'down' | 'complete'

/** One running instance as the ledger shows it. */
export interface Dyno {
  id: string
  appId: string
  releaseId: string
  releaseVersion: number
  kind: DynoKind
  type: string
  number: number
  /** `web.1` */
  name: string
  command: string
  size: string
  state: DynoState
  exitStatus: number | null
  createdAt: Instant
  updatedAt: Instant
}

export function dynoName(type: string, number: number): string {
  return `${type}.${number}`
}
