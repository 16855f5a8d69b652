/** A moment, in milliseconds since the Unix epoch. Core takes it as a parameter and never reads a clock. */
export type Instant = number

/** A length of time in milliseconds. */
export type Duration = number

export const seconds = (n: number): Duration => n * 1000
export const minutes = (n: number): Duration => n * 60_000
export const hours = (n: number): Duration => n * 3_600_000
export const days = (n: number): Duration => n * 86_400_000

/** The API's form of a date: ISO 8601, UTC, whole seconds (`2012-01-01T12:00:00Z`). */
export function isoSeconds(at: Instant): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** The day of a moment, in UTC: `2012-01-01`. */
export function isoDate(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** A length of time as a person says it: `12 s`, `3 min`, `1 h`. */
export function spoken(duration: Duration): string {
  if (duration < 1000) return `${duration} ms`
  if (duration < minutes(2)) return `${Math.round(duration / 1000)} s`
  if (duration < hours(2)) return `${Math.round(duration / 60_000)} min`
  return `${Math.round(duration / 3_600_000)} h`
}
