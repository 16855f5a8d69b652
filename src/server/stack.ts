import { report } from './trouble.ts'

/** Ends what was started, last first; one that fails to end does not keep the others from it. */
export class Stack {
  readonly #ends: (() => Promise<void>)[] = []

  push(end: () => Promise<void>): void {
    this.#ends.push(end)
  }

  async unwind(): Promise<void> {
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) {
      await end().catch(error => report({ doing: 'stop', error }))
    }
  }
}
