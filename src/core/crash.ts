import { type Duration, minutes, seconds } from './time.ts'

const FIRST_PAUSE: Duration = seconds(2)
const LONGEST_PAUSE: Duration = minutes(5)

/**
 * How long to wait before a dyno starts again after its `crashes`-th crash in a row: the first restarts at once, then
 * 2 s, doubled by each further one up to 5 minutes.
 */
export function backoff(crashes: number): Duration {
  if (crashes <= 1) return 0
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (crashes - 2))
}
