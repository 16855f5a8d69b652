import type { Duration } from '../core/time.ts'

/** Something that ends by itself when it takes too long. */
export interface Timed {
  /** On the monotonic clock of `performance.now()`; Infinity while nothing is awaited. */
  deadline: number
  /** Called at every tick after the deadline until it is moved or the entry forgotten. */
  expire(): void
}

/** One shared clock for all requests: arming a timer for each, and again for each chunk, costs more than routing it. */
export class Deadlines {
  readonly #tick: Duration
  readonly #entries = new Set<Timed>()
  #timer: NodeJS.Timeout | undefined

  constructor(tick: Duration) {
    this.#tick = tick
  }

  watch(entry: Timed): void {
    this.#entries.add(entry)
    this.#timer ??= setInterval(() => this.#look(), this.#tick).unref()
  }

  forget(entry: Timed): void {
    this.#entries.delete(entry)
  }

  #look(): void {
    const now = performance.now()
    for (const entry of this.#entries) if (entry.deadline <= now) entry.expire()
    if (this.#entries.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
