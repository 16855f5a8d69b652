import type { Slot, WantedDyno } from './desired.ts'
import type { Duration, Instant } from './time.ts'

/** Why an app has nobody to answer, for the router. */
export type Answering = 'serving' | 'blank' | 'scaled-down' | 'crashed' | 'booting'

export type Step =
  | { do: 'start'; dyno: WantedDyno }
  /** Traffic goes to these dynos and no others, in one step. */
  | { do: 'route'; dynoIds: readonly string[]; answering: Answering }
  /** Let it finish its requests, then stop it. */
  | { do: 'retire'; dynoId: string }
  | { do: 'stop'; dynoId: string; grace: Duration; why: 'asked' | 'boot-timeout' }
  | { do: 'crashed'; slot: Slot; dynoId: string }
  /** It is not what it should be: another takes its place. */
  | { do: 'replace'; name: string; epoch: number }
  | { do: 'ended'; dynoId: string; exitStatus: number }
  | { do: 'forget'; dynoIds: readonly string[] }
  | { do: 'succeed'; releaseId: string }
  | { do: 'fail'; releaseId: string; phase: 'command' | 'dynos'; reason: string }
  | { do: 'wait'; until: Instant }
