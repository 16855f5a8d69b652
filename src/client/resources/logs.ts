import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from '../connection.ts'
import { isCutOff } from '../connection-error.ts'
import { readEvents } from '../event-stream.ts'
import type { LogSession } from '../shapes.ts'
import { path } from './paths.ts'

export interface LogQuery {
  /** How many of the newest lines to begin with. */
  lines: number
  source?: string
  dyno?: string
  /** Go on with the lines to come. */
  tail: boolean
}

const RECONNECT = 1000

export class Logs {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Log lines as text. A tail that is cut off goes on after the last line that arrived; it ends with `signal`. */
  async *read(app: string, query: LogQuery, signal: AbortSignal): AsyncGenerator<string> {
    const session = await this.#connection.call<LogSession>({
      method: 'POST',
      path: path('apps', app, 'log-sessions'),
      body: query,
    })
    let last: string | undefined
    do {
      try {
        for await (const event of this.#events(session, last, signal)) {
          last = event.id ?? last
          yield event.data
        }
      } catch (error) {
        if (signal.aborted) return
        if (!query.tail || !isCutOff(error)) throw error
      }
      if (query.tail) await delay(RECONNECT, undefined, { signal }).catch(() => undefined)
    } while (query.tail && !signal.aborted)
  }

  async *#events(session: LogSession, last: string | undefined, signal: AbortSignal) {
    const headers = { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) }
    yield* readEvents(await this.#connection.stream(session.logplex_url, headers, signal))
  }
}
