import type { Turns } from './turns.ts'

/** Says that a blob is counted on. Once it returned, the blob is not swept away. */
export type Claim = (digest: string) => Promise<void>

/** Blobs that work in progress counts on, though no image names them yet, or no longer. */
export class Claims {
  readonly #turns: Turns
  readonly #counts = new Map<string, number>()

  /** Whoever sweeps takes turns too, so that none is swept while it is claimed. */
  constructor(turns: Turns) {
    this.#turns = turns
  }

  has(digest: string): boolean {
    return this.#counts.has(digest)
  }

  /** Opens the claims of one piece of work. Who opens them ends them. */
  open(): { claim: Claim; end(): readonly string[] } {
    const claimed: string[] = []
    const claim: Claim = digest =>
      this.#turns.take(async () => {
        claimed.push(digest)
        this.#counts.set(digest, (this.#counts.get(digest) ?? 0) + 1)
      })
    return { claim, end: () => this.#release(claimed) }
  }

  /** Returns what was claimed. */
  #release(claimed: readonly string[]): readonly string[] {
    for (const digest of claimed) {
      const count = (this.#counts.get(digest) ?? 0) - 1
      if (count > 0) this.#counts.set(digest, count)
      else this.#counts.delete(digest)
    }
    return claimed
  }
}
