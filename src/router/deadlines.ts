import type { Duration } from '../core/time.ts'

/** Something that ends by itself when it takes too long. */
export interface Timed {
  /** On the monotonic clock of `performance.now()`; Infinity while nothing is awaited. */
  deadline: number
  /** Where the entry is kept; -1 while it is not watched. For `Deadlines` alone to change. */
  slot: number
  /** Called at every tick after the deadline until it is moved or the entry forgotten. */
  expire(): void
}

/**
 * One shared clock for all requests: arming a timer for each, and again for each chunk, costs more than routing it.
 * The entries are an array and know their places. A Set of them, outgrown and copied again and again, leaves old
 * tables behind which keep finished requests alive until the next full collection: 250 MB under load, and pauses.
 */
export class Deadlines {
  readonly #tick: Duration
  readonly #entries: Timed[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(tick: Duration) {
    this.#tick = tick
  }

  watch(entry: Timed): void {
    if (entry.slot >= 0) return
    entry.slot = this.#entries.push(entry) - 1
    this.#timer ??= setInterval(() => this.#look(), this.#tick).unref()
  }

  forget(entry: Timed): void {
    if (entry.slot < 0) return
    const last = this.#entries.pop() as Timed
    if (last !== entry) {
      this.#entries[entry.slot] = last
      last.slot = entry.slot
    }
    entry.slot = -1
  }

  #look(): void {
    const now = performance.now()
    // From the end: forgetting one moves the last, which was looked at already, into its place.
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i]
      if (entry && entry.deadline <= now) entry.expire()
    }
    if (this.#entries.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
