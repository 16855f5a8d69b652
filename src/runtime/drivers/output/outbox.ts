import type { Instant } from '../../../core/time.ts'
import type { DynoLine } from '../../driver.ts'

/** Bytes that may wait. A single read from a dyno can bring 64 K lines: the room between the first two takes them. */
export interface OutboxLimits {
  /** From here on an app's output is read more slowly. */
  crowded: number
  /** From here on an app's lines are dropped. */
  perApp: number
  /** Both, for all apps together. */
  inAll: number
}

const LIMITS: OutboxLimits = { crowded: 1024 * 1024, perApp: 12 * 1024 * 1024, inAll: 32 * 1024 * 1024 }
const BATCH_BYTES = 256 * 1024
/** What an entry costs besides its text. */
const OVERHEAD = 160

/**
 * Lines that wait for the control plane. One batch is under way at a time and stays until it is acknowledged; whoever
 * subscribes anew gets it again. What does not fit is counted and replaced by one L10 line.
 */
export class Outbox {
  readonly #limits: OutboxLimits
  readonly #now: () => Instant
  readonly #queue: DynoLine[] = []
  readonly #bytes = new Map<string, number>()
  readonly #dropped = new Map<string, { count: number; since: Instant }>()
  readonly #waiting = new Set<{ appId: string; resume: () => void }>()
  #total = 0
  #batch = 0
  #acknowledged = 0
  #underWay = 0
  #isScheduled = false
  #send: ((batch: number, lines: readonly DynoLine[]) => void) | undefined

  constructor(now: () => Instant, limits: OutboxLimits = LIMITS) {
    this.#now = now
    this.#limits = limits
  }

  /** Adds a line a dyno printed, or counts it as dropped. Answers whether it was added. */
  add(entry: DynoLine): boolean {
    const isFull = this.#isFull(entry.appId)
    if (isFull) this.#drop(entry.appId)
    else this.addAlways(entry)
    return !isFull
  }

  /** Adds a line of ours: there are few, and they matter. */
  addAlways(entry: DynoLine): void {
    this.#reportDropped(entry.appId)
    this.#enqueue(entry)
  }

  /** True when an app's lines come faster than they go: the time to read its output more slowly. */
  isCrowded(appId: string): boolean {
    return (this.#bytes.get(appId) ?? 0) > this.#limits.crowded || this.#total > this.#limits.inAll / 2
  }

  /** Calls `resume` once, when the app's lines are no longer crowded. Returns the way to take that back. */
  onRelief(appId: string, resume: () => void): () => void {
    const waiter = { appId, resume }
    this.#waiting.add(waiter)
    return () => void this.#waiting.delete(waiter)
  }

  /** How many batches were acknowledged so far: grows as long as somebody takes lines. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  get hasSubscriber(): boolean {
    return this.#send !== undefined
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** Makes `send` the one that gets the batches, from the oldest line that was not acknowledged. */
  subscribe(send: (batch: number, lines: readonly DynoLine[]) => void): void {
    this.#send = send
    this.#underWay = 0
    this.#schedule()
  }

  unsubscribe(): void {
    this.#send = undefined
    this.#underWay = 0
  }

  /** Only the batch under way counts: an older number is of a subscriber that was replaced. */
  ack(batch: number): void {
    if (batch !== this.#batch || this.#underWay === 0) return
    for (const entry of this.#queue.splice(0, this.#underWay)) this.#release(entry)
    this.#underWay = 0
    for (const appId of [...this.#dropped.keys()]) this.#reportDropped(appId)
    this.#acknowledged++
    for (const waiter of [...this.#waiting].filter(({ appId }) => !this.isCrowded(appId))) {
      this.#waiting.delete(waiter)
      waiter.resume()
    }
    this.#schedule()
  }

  /** Lines that are added in one go leave in one batch. */
  #schedule(): void {
    if (this.#isScheduled || this.#send === undefined || this.#underWay > 0 || this.#queue.length === 0)
      return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#underWay === 0) this.#sendBatch()
    })
  }

  #sendBatch(): void {
    if (this.#send === undefined || this.#queue.length === 0) return
    let bytes = 0
    let count = 0
    while (count < this.#queue.length && bytes < BATCH_BYTES)
      bytes += costOf(this.#queue[count++] as DynoLine)
    this.#underWay = count
    this.#batch++
    this.#send(this.#batch, this.#queue.slice(0, count))
  }

  #isFull(appId: string): boolean {
    return (this.#bytes.get(appId) ?? 0) > this.#limits.perApp || this.#total > this.#limits.inAll
  }

  #drop(appId: string): void {
    const dropped = this.#dropped.get(appId) ?? { count: 0, since: this.#now() }
    dropped.count++
    this.#dropped.set(appId, dropped)
  }

  #reportDropped(appId: string): void {
    const dropped = this.#dropped.get(appId)
    if (dropped === undefined || this.#isFull(appId)) return
    this.#dropped.delete(appId)
    const since = new Date(dropped.since).toISOString()
    const text = `Error L10 (output buffer overflow): ${dropped.count} messages dropped since ${since}.`
    const line = { at: this.#now(), source: 'heroku' as const, dyno: 'logplex', text }
    this.#enqueue({ appId, line, dyno: null, offset: null, isLast: false })
  }

  #enqueue(entry: DynoLine): void {
    this.#queue.push(entry)
    this.#total += costOf(entry)
    this.#bytes.set(entry.appId, (this.#bytes.get(entry.appId) ?? 0) + costOf(entry))
    this.#schedule()
  }

  #release(entry: DynoLine): void {
    const left = (this.#bytes.get(entry.appId) ?? 0) - costOf(entry)
    if (left > 0) this.#bytes.set(entry.appId, left)
    else this.#bytes.delete(entry.appId)
    this.#total -= costOf(entry)
  }
}

function costOf({ line }: DynoLine): number {
  return Buffer.byteLength(line.text) + OVERHEAD
}
