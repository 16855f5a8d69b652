import type { Instant } from '../../../core/time.ts'

/** How far the fine clock may be from the machine's before it is set again. */
const TOLERANCE = 5

/**
 * A clock with microseconds that never gives the same moment twice: a line is known by its moment. It follows the
 * machine's clock, and only goes slower than that when it is set back.
 */
export function fineClock(): () => Instant {
  let offset = performance.timeOrigin
  let last = 0
  return () => {
    const fine = performance.now()
    const wall = Date.now()
    if (Math.abs(fine + offset - wall) > TOLERANCE) offset = wall - fine
    last = Math.max(toMicroseconds(fine + offset), toMicroseconds(last + 0.001))
    return last
  }
}

function toMicroseconds(at: Instant): Instant {
  return Math.round(at * 1000) / 1000
}
