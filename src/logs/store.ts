import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instant } from '../core/time.ts'
import { AppLog, MAX_LINES } from './app-log.ts'
import { type LogFilter, matches } from './filter.ts'
import type { LogLine } from './line.ts'
import { Tail } from './tail.ts'

export interface LogQuery extends LogFilter {
  /** How many of the newest matching lines: 0 to 1,500. */
  lines: number
}

/** So many apps' lines are held in memory; those of others are read again when they are needed. */
const MAX_OPEN = 32

const APP_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/

/**
 * The last 1,500 lines of every app. They survive a restart, and a kill once they were appended. An app nobody writes
 * or reads costs nothing but its files.
 */
export class LogStore {
  readonly #directory: string
  readonly #now: () => Instant
  readonly #open = new Map<string, Promise<AppLog>>()
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #tails = new Map<string, Map<Tail, LogFilter>>()
  /** Lines of a destroyed app that arrive late must not bring its log back. */
  readonly #removed = new Set<string>()

  constructor(directory: string, now: () => Instant) {
    this.#directory = directory
    this.#now = now
  }

  /** Adds lines to an app's log, in this order; a line that is there already is not added again. */
  append(appId: string, lines: readonly LogLine[]): Promise<void> {
    return this.#inTurn(appId, async () => {
      if (this.#removed.has(appId)) return
      const log = await this.#log(appId)
      for (const line of await log.append(lines)) {
        for (const [tail, filter] of this.#tails.get(appId) ?? []) if (matches(line, filter)) tail.push(line)
      }
    })
  }

  /** The newest lines that match, oldest first. */
  query(appId: string, query: LogQuery): Promise<readonly LogLine[]> {
    return this.#inTurn(appId, async () => newest(await this.#log(appId), query))
  }

  /**
   * The newest lines that match, then every matching line as it comes, without a gap between the two, until `signal`
   * aborts or the app's log is removed. A reader that falls behind gets one L11 line for what it missed.
   */
  async *tail(appId: string, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
    const tail = await this.#inTurn(appId, async () => {
      const opened = new Tail(newest(await this.#log(appId), query), { signal, now: this.#now })
      this.#tailsOf(appId).set(opened, query)
      return opened
    })
    try {
      yield* tail
    } finally {
      const tails = this.#tails.get(appId)
      tails?.delete(tail)
      if (tails?.size === 0) this.#tails.delete(appId)
    }
  }

  /** Destroys an app's log and ends its tails; nothing is added to it any more. */
  remove(appId: string): Promise<void> {
    return this.#inTurn(appId, async () => {
      this.#removed.add(appId)
      this.#open.delete(appId)
      await rm(this.#path(appId), { recursive: true, force: true })
      for (const tail of this.#tails.get(appId)?.keys() ?? []) tail.end()
    })
  }

  /** One after the other for each app: lines keep their order, and a tail begins where its backlog ends. */
  #inTurn<T>(appId: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(appId) ?? Promise.resolve()).then(work, work)
    const settled = turn
      .catch(() => {})
      .then(() => {
        if (this.#turns.get(appId) === settled) this.#turns.delete(appId)
      })
    this.#turns.set(appId, settled)
    return turn
  }

  #log(appId: string): Promise<AppLog> {
    const log = this.#open.get(appId) ?? AppLog.open(this.#path(appId))
    // The last of the map is the one used last.
    this.#open.delete(appId)
    this.#open.set(appId, log)
    log.catch(() => this.#open.delete(appId))
    for (const [idle] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break
      if (!this.#turns.has(idle)) this.#open.delete(idle)
    }
    return log
  }

  #tailsOf(appId: string): Map<Tail, LogFilter> {
    const tails = this.#tails.get(appId) ?? new Map<Tail, LogFilter>()
    this.#tails.set(appId, tails)
    return tails
  }

  #path(appId: string): string {
    if (!APP_ID.test(appId))
      throw new Error(`App id ${JSON.stringify(appId)} must be 1 to 64 letters, digits and dashes.`)
    return join(this.#directory, appId)
  }
}

function newest(log: AppLog, query: LogQuery): LogLine[] {
  const count = Math.min(MAX_LINES, Math.max(0, Math.trunc(query.lines)))
  return count === 0 ? [] : log.lines.filter(line => matches(line, query)).slice(-count)
}
