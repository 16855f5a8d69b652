/** Values put in at one end and read at the other, in order, by one reader. */
export class Mailbox<T> implements AsyncIterable<T> {
  readonly #values: T[] = []
  #isClosed = false
  #wake: (() => void) | undefined

  put(value: T): void {
    if (this.#isClosed) return
    this.#values.push(value)
    this.#wake?.()
  }

  /** The reader ends when it has read what is left. */
  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    while (true) {
      const value = this.#values.shift()
      if (value !== undefined) yield value
      else if (this.#isClosed) return
      else {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
    }
  }
}
