import type Docker from 'dockerode'
import type { Instant } from '../../../core/time.ts'
import type { ObservedDyno } from '../../driver.ts'
import type { Outbox } from '../output/outbox.ts'
import type { HeldNetwork } from './container-network.ts'
import type { DynoRecord, Records } from './records.ts'

/** What every dyno of a driver has in common. */
export interface Surroundings {
  engine: Docker
  records: Records
  outbox: Outbox
  now: () => Instant
  /** Aborts when the control plane lets go of its dynos. */
  signal: AbortSignal
  changed(dyno: ObservedDyno): void
  /** It has exited, and all its lines were taken: its container is of no use any more. */
  settled(id: string): void
}

/** Where a dyno comes from. */
export interface Origin {
  /** null when it never got one. */
  container: string | null
  command: string
  /** The network that another container holds for it; null when it has its own. */
  network: HeldNetwork | null
  /** What an earlier control plane wrote down. */
  record?: DynoRecord | undefined
}
