import type { Instant } from '../core/time.ts'

/** One line of an app's log: `2024-01-01T00:00:00.000000+00:00 app[web.1]: text`. */
export interface LogLine {
  /** Milliseconds since the epoch; the fraction carries microseconds. */
  at: Instant
  /** `app` for dynos and the API (`app[api]`); `heroku` for the router and the dyno manager. */
  source: 'app' | 'heroku'
  /** The dyno's name, or `api`, or `router`. */
  dyno: string
  text: string
}

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\+00:00 (app|heroku)\[([^\]\s]*)\]: (.*)$/s

/** The line as clients print it, without a line end. */
export function formatLine({ at, source, dyno, text }: LogLine): string {
  const microseconds = Math.round(at * 1000)
  const second = Math.floor(microseconds / 1_000_000)
  const moment = new Date(second * 1000).toISOString().slice(0, 19)
  const fraction = String(microseconds - second * 1_000_000).padStart(6, '0')
  return `${moment}.${fraction}+00:00 ${source}[${dyno}]: ${text}`
}

/** The line that {@link formatLine} wrote; undefined for anything else. */
export function parseLine(text: string): LogLine | undefined {
  const [, moment = '', fraction = '', source, dyno = '', rest = ''] = LINE.exec(text) ?? []
  if (source !== 'app' && source !== 'heroku') return undefined
  const microseconds = Date.parse(`${moment}Z`) * 1000 + Number(fraction)
  return Number.isNaN(microseconds) ? undefined : { at: microseconds / 1000, source, dyno, text: rest }
}
