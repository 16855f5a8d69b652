import type { LogBatch } from '../../driver.ts'

/** Batches on their way to one reader. Short: the host sends the next one when the one before was acknowledged. */
export class BatchQueue implements AsyncIterable<LogBatch> {
  readonly #queue: LogBatch[] = []
  readonly #signal: AbortSignal
  #isOver = false
  #wake: () => void = () => {}

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  push(batch: LogBatch): void {
    this.#queue.push(batch)
    this.#wake()
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogBatch> {
    const wake = () => this.#wake()
    this.#signal.addEventListener('abort', wake)
    try {
      while (!this.#signal.aborted && !this.#isOver) {
        const batch = this.#queue.shift()
        if (batch !== undefined) yield batch
        else await new Promise<void>(resolve => (this.#wake = resolve))
      }
    } finally {
      this.#signal.removeEventListener('abort', wake)
    }
  }
}
