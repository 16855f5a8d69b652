import type { ObservedDyno } from '../../../driver.ts'
import type { DynoFiles } from '../../dyno-files.ts'
import type { ProcessIdentity } from './processes.ts'

/** What outlives the host: which dynos ever ran, and by which process. No variable of a dyno is ever in it. */
export interface DynoRecord {
  dyno: ObservedDyno
  /** null until it was launched, and again once it has exited. */
  process: ProcessIdentity | null
}

export type Records = DynoFiles<DynoRecord>
