import type { Instant } from '../core/time.ts'
import type { LogLine } from './line.ts'

/** How many lines may wait for a slow reader. */
const MAX_WAITING = 1000

/** Lines on their way to one reader of a tail. One that is too slow misses lines, and is told so once for each gap. */
export class Tail implements AsyncIterable<LogLine> {
  readonly #signal: AbortSignal
  readonly #now: () => Instant
  readonly #waiting: LogLine[]
  #isOverflowing = false
  #isOver = false
  #wake: () => void = () => {}

  /** `backlog` comes first, whatever its length. */
  constructor(backlog: readonly LogLine[], { signal, now }: { signal: AbortSignal; now: () => Instant }) {
    this.#waiting = [...backlog]
    this.#signal = signal
    this.#now = now
  }

  push(line: LogLine): void {
    if (this.#waiting.length < MAX_WAITING) {
      this.#isOverflowing = false
      this.#waiting.push(line)
    } else if (!this.#isOverflowing) {
      this.#isOverflowing = true
      this.#waiting.push({
        at: this.#now(),
        source: 'heroku',
        dyno: 'logplex',
        text: 'Error L11 (Tail buffer overflow)',
      })
    }
    this.#wake()
  }

  /** Ends the tail after what still waits. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogLine> {
    const wake = () => this.#wake()
    this.#signal.addEventListener('abort', wake)
    try {
      while (!this.#signal.aborted) {
        const line = this.#waiting.shift()
        if (line !== undefined) yield line
        else if (this.#isOver) return
        else await new Promise<void>(resolve => (this.#wake = resolve))
      }
    } finally {
      this.#signal.removeEventListener('abort', wake)
    }
  }
}
