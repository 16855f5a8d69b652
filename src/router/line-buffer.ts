import type { LogLine } from '../logs/line.ts'

export interface AppLine {
  appId: string
  line: LogLine
}

export interface Batch {
  batch: number
  lines: readonly AppLine[]
}

/** Lines in one batch: enough to keep up, little enough that one message stays small. */
const BATCH_LINES = 1000

/**
 * Router lines on their way to the control plane. One batch at a time is under way and is offered again until it is
 * acknowledged; behind it the newest `capacity` lines are kept, and a line says how many had to go.
 */
export class LineBuffer {
  readonly #capacity: number
  readonly #now: () => number
  #waiting: AppLine[] = []
  /** Where `#waiting` begins: shifting an array of thousands for every line would be slow. */
  #first = 0
  readonly #dropped = new Map<string, number>()
  #underway: Batch | undefined
  #batches = 0

  /** `now` is in milliseconds since the epoch. */
  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity
    this.#now = now
  }

  push(appId: string, text: string): void {
    this.#waiting.push({ appId, line: this.#line(text) })
    if (this.#waiting.length - this.#first > this.#capacity) this.#dropOldest()
  }

  /** The batch to send now: the one not yet acknowledged, or else the next; undefined when there is nothing. */
  batch(): Batch | undefined {
    this.#underway ??= this.#nextBatch()
    return this.#underway
  }

  get isUnderway(): boolean {
    return this.#underway !== undefined
  }

  acknowledge(batch: number): void {
    if (this.#underway?.batch === batch) this.#underway = undefined
  }

  #nextBatch(): Batch | undefined {
    const overflow = [...this.#dropped].map(([appId, count]) => ({
      appId,
      line: this.#line(`Error L10 (output buffer overflow): ${count} messages dropped`),
    }))
    this.#dropped.clear()
    const lines = overflow.concat(this.#waiting.slice(this.#first, this.#first + BATCH_LINES))
    if (lines.length === 0) return undefined
    this.#first += lines.length - overflow.length
    this.#compact()
    this.#batches++
    return { batch: this.#batches, lines }
  }

  #dropOldest(): void {
    const { appId } = this.#waiting[this.#first] as AppLine
    this.#first++
    this.#dropped.set(appId, (this.#dropped.get(appId) ?? 0) + 1)
    this.#compact()
  }

  #compact(): void {
    if (this.#first < this.#waiting.length && this.#first < this.#capacity) return
    this.#waiting = this.#waiting.slice(this.#first)
    this.#first = 0
  }

  #line(text: string): LogLine {
    return { at: this.#now(), source: 'heroku', dyno: 'router', text: flat(text) }
  }
}

/**
 * The same text in one piece. A string put together from parts keeps every part alive: with thousands of lines kept,
 * that was most of the router's memory, and of the time its garbage took.
 */
function flat(text: string): string {
  return Buffer.from(text).toString()
}
