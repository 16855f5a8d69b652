const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** The official CLI's bound: a whole day and the hour that a change of the clocks may take. */
const RECENT = 25 * HOUR

/**
 * A moment as a person looks for it: `5 minutes ago` when recent, else `2010-09-12 15:32:17 -0700` in local time.
 * Both instants are milliseconds since the epoch; `offset` is minutes west of UTC, as Date gives it.
 */
export function when(at: number, now: number, offset = new Date(at).getTimezoneOffset()): string {
  const age = Math.max(0, now - at)
  if (age < MINUTE) return ago(age / SECOND, 'second')
  if (age < HOUR) return ago(age / MINUTE, 'minute')
  if (age < RECENT) return ago(age / HOUR, 'hour')
  return absolute(at, offset)
}

function ago(count: number, unit: string): string {
  const whole = Math.floor(count)
  return `${whole} ${unit}${whole === 1 ? '' : 's'} ago`
}

function absolute(at: number, offset: number): string {
  const local = new Date(at - offset * MINUTE).toISOString()
  const east = Math.abs(offset)
  const zone = `${offset > 0 ? '-' : '+'}${two(Math.floor(east / 60))}${two(east % 60)}`
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zone}`
}

const two = (number: number): string => String(number).padStart(2, '0')
