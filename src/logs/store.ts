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

/**
 * So many lines are held in memory, over all apps; others are read again when they are needed. It is lines that cost, not
 * apps: many quiet ones are all held, or each of their lines would have the rest read again.
 */
const MAX_HELD = 32 * MAX_LINES
/** What an app's log takes besides its lines, in lines. */
const OWN_WEIGHT = 100

const APP_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/

/**
 * The last 1,500 lines of every app. They survive a restart, and a kill once they were appended. An app nobody writes
 * or reads costs nothing but its files.
 */
export class LogStore {
  readonly #directory: string
  readonly #now: () => Instant
  /** By how long ago they were used. */
  readonly #open = new Map<string, AppLog>()
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

  /** To be called in turn, so that nobody else opens it meanwhile. */
  async #log(appId: string): Promise<AppLog> {
    const log = this.#open.get(appId) ?? (await AppLog.open(this.#path(appId)))
    this.#open.delete(appId)
    this.#open.set(appId, log)
    this.#letGo()
    return log
  }

  #letGo(): void {
    let held = 0
    for (const log of this.#open.values()) held += log.lines.length + OWN_WEIGHT
    for (const [idle, log] of this.#open) {
      if (held <= MAX_HELD) return
      if (this.#turns.has(idle)) continue
      this.#open.delete(idle)
      held -= log.lines.length + OWN_WEIGHT
    }
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
