import type { Instant } from '../../../core/time.ts'
import type { ObservedDyno } from '../../driver.ts'
import type { DynoFiles } from '../dyno-files.ts'
import type { LogPlace } from './dyno-log.ts'

/** A line of the dyno manager's own that nobody has taken yet. */
export interface OwnLine {
  at: Instant
  text: string
  /** Comes after everything the dyno printed. */
  isEnding: boolean
  isLast: boolean
}

/** What the engine does not keep for us about a dyno. No variable of a dyno is ever in it. */
export interface DynoRecord {
  /** As it was last seen; the whole truth once it has exited. */
  dyno: ObservedDyno
  isUp: boolean
  /** When it is to be killed, once it was asked to stop. */
  killAt: Instant | null
  /** Seconds it was given. */
  graceSeconds: number
  /** How far its output was taken. */
  place: LogPlace
  own: readonly OwnLine[]
  /** The lines about its end are among `own`, or were taken. */
  hasSaidEnding: boolean
  /** Nobody wants to see it in a list any more; its last lines may still be on their way. */
  isForgotten: boolean
}

export type Records = DynoFiles<DynoRecord>

/** What is on record of a dyno that just begins. */
export function newFacts(dyno: ObservedDyno): Omit<DynoRecord, 'own' | 'place'> {
  const nothingYet = { isUp: false, killAt: null, graceSeconds: 0 }
  return { dyno, ...nothingYet, hasSaidEnding: false, isForgotten: false }
}
