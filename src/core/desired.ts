import type { AppSettings } from './app.ts'
import type { DynoKind } from './dyno.ts'
import type { Instant } from './time.ts'

/** What should run, as the policy of `rollout.ts` is told. */

/** A release that is to run, with the formation wanted for it. */
export interface Target {
  releaseId: string
  version: number
  processes: readonly Process[]
  /** Runs once, to its end, before any dyno boots on the release. */
  releaseCommand: string | null
}

export interface Process {
  type: string
  command: string
  quantity: number
  size: string
  /** Raised by a restart of the type. */
  epoch: number
}

/** What happened to one place in the formation (`web.1`), whichever dyno stands in it. */
export interface Slot {
  name: string
  /** Raised by a restart of this place. */
  epoch: number
  /** Stopped by a person; counts only for the release it was stopped on. */
  isStopped: boolean
  /** The release on which `crashes` were counted. */
  releaseId: string | null
  /** Crashes in a row. */
  crashes: number
  crashedAt: Instant | null
}

/** The place as it begins anew: whichever dyno stood in it, another one is wanted, and nothing is held against it. */
export function renewed(name: string, slot: Slot | undefined): Slot {
  const epoch = (slot?.epoch ?? 0) + 1
  return { name, epoch, isStopped: false, releaseId: null, crashes: 0, crashedAt: null }
}

/** A dyno somebody asked for by itself. */
export interface WantedOneOff extends WantedDyno {
  isStopAsked: boolean
  hasEnded: boolean
}

export interface Desired {
  /** The current release; null while the app has no code. */
  serving: Target | null
  /** The release whose turn it is. */
  rolling: Target | null
  /** Somebody asked for the end of the release command that runs for `rolling`. */
  isCommandStopAsked: boolean
  standby: Standby | null
  slots: ReadonlyMap<string, Slot>
  oneOffs: readonly WantedOneOff[]
  settings: Required<AppSettings>
}

/** The release before the current one, while its web dynos stay up without traffic: the way back is one switch. */
export interface Standby {
  releaseId: string
  until: Instant
  /** What rolls out is a copy of it: its dynos answer at once, and until those of the copy are ready. */
  answers: boolean
}

export interface WantedDyno {
  id: string
  releaseId: string
  kind: DynoKind
  type: string
  number: number
  name: string
  command: string
  size: string
}
