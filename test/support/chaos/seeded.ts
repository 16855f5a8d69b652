import { randomInt } from 'node:crypto'

/** Numbers that look random and come again with the same seed (mulberry32). */
export class Seeded {
  readonly seed: number
  #state: number

  constructor(seed: number = Number(process.env.TIDEMARK_TEST_SEED ?? randomInt(2 ** 32))) {
    this.seed = seed
    this.#state = seed
  }

  /** A whole number from 0 up to but not including `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(from.length)]
  }
}
