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
