import { type Duration, hours, type Instant, minutes } from './time.ts'

/** What is remembered of the wall clock, so that one that was set does not make releases old. */
export interface ClockMark {
  /** What it showed when it was last looked at. */
  wall: Instant
  /** What it showed when it was found to have been set; null while that never happened. */
  steadySince: Instant | null
}

/** A look at the clocks. `elapsed` is what the monotonic clock says has passed since the mark; null in a new process. */
export interface ClockLook {
  wall: Instant
  elapsed: Duration | null
}

/** Nobody looks while the server is down, and that may be for a weekend. */
const LONGEST_GAP = hours(48)
const LARGEST_DRIFT = minutes(10)
const STEADY_FOR = hours(24)

/** The mark after a look. A clock that was set back or ahead, or left the monotonic one is steady from now on. */
export function nextMark(mark: ClockMark | null, look: ClockLook): ClockMark {
  if (mark === null) return { wall: look.wall, steadySince: null }
  const passed = look.wall - mark.wall
  const { shortest, longest } = plausible(look.elapsed)
  const isSet = passed < shortest || passed > longest
  return { wall: look.wall, steadySince: isSet ? look.wall : mark.steadySince }
}

/** How much the wall clock may have gone on: it is adjusted now and then, by a moment and in either direction. */
function plausible(elapsed: Duration | null): { shortest: Duration; longest: Duration } {
  if (elapsed === null) return { shortest: -LARGEST_DRIFT, longest: LONGEST_GAP }
  return { shortest: elapsed - LARGEST_DRIFT, longest: elapsed + LARGEST_DRIFT }
}

/** Whether the age of something counts: the clock was never set, or has been steady for a day. */
export function isSteady({ wall, steadySince }: ClockMark): boolean {
  return steadySince === null || wall - steadySince >= STEADY_FOR
}

/** When the age of something counts again, if the clock stays steady. */
export function steadyAgainAt(mark: ClockMark): Instant | null {
  return isSteady(mark) || mark.steadySince === null ? null : mark.steadySince + STEADY_FOR
}
