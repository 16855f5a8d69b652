import { conflict } from '../core/errors.ts'
import type { StoredImage } from './store.ts'

/** A build, by its id, or something that comes in. */
type Holder = string | symbol

/** An image that was stored, and those one of whom is about to name it in the ledger. */
interface Claim {
  holders: ReadonlySet<Holder>
  /** Rises with every claim. */
  number: number
}

/**
 * Keeps images that were stored, and that the ledger does not name yet, from those who remove what it does not name. One
 * process stores and removes: a claim need not outlive it, since builds and what comes in do not either.
 */
export class UnnamedImages {
  readonly #runningBuilds: () => Promise<readonly string[]>
  readonly #receiving = new Set<symbol>()
  readonly #claims = new Map<string, Claim[]>()
  /** Images being removed right now, each with the end of it. */
  readonly #removing = new Map<string, Promise<void>>()
  #number = 0

  /** `runningBuilds` answers the ids of builds that have begun and not ended. */
  constructor(runningBuilds: () => Promise<readonly string[]>) {
    this.#runningBuilds = runningBuilds
  }

  /**
   * Stores an image by `put`, for a build that is running: it stays until the build has ended and named it, or not. One
   * that is being removed at this moment is stored again; `has` tells whether an image is there. Throws `conflict` when
   * it still is not: what cannot be stored twice has to be sent again.
   */
  async store(
    put: () => Promise<StoredImage>,
    has: (digest: string) => Promise<boolean>,
  ): Promise<StoredImage> {
    return this.#store(put, has, new Set(await this.#runningBuilds()))
  }

  /** Does work that stores what comes in, by the `store` it is given, and names it: so long it stays. */
  async receiving<T>(work: (store: UnnamedImages['store']) => Promise<T>): Promise<T> {
    const holder = Symbol('receiving')
    this.#receiving.add(holder)
    try {
      return await work((put, has) => this.#store(put, has, new Set([holder])))
    } finally {
      this.#receiving.delete(holder)
    }
  }

  /**
   * Those of these images that nothing running counts on, for `remove` to look at and remove. It asks the ledger about
   * them only now: what has ended in the meantime has named its image by then.
   */
  async without<T>(digests: readonly string[], remove: (free: readonly string[]) => Promise<T>): Promise<T> {
    const number = this.#number
    const builds = await this.#runningBuilds()
    const running = new Set<Holder>([...builds, ...this.#receiving])
    const free = digests.filter(
      digest => !this.#removing.has(digest) && !this.#isClaimed(digest, { running, since: number }),
    )
    const end = Promise.withResolvers<void>()
    for (const digest of free) this.#removing.set(digest, end.promise)
    try {
      return await remove(free)
    } finally {
      for (const digest of free) this.#removing.delete(digest)
      end.resolve()
    }
  }

  async #store(
    put: () => Promise<StoredImage>,
    has: (digest: string) => Promise<boolean>,
    holders: ReadonlySet<Holder>,
  ): Promise<StoredImage> {
    // Claimed after the first time, so that the second time nobody removes it.
    for (let time = 0; time < 2; time++) {
      const image = await this.#claimed(put, holders)
      if (await has(image.digest)) return image
    }
    throw conflict('The image was removed while it was being stored, since nothing used it. Send it again.')
  }

  async #claimed(put: () => Promise<StoredImage>, holders: ReadonlySet<Holder>): Promise<StoredImage> {
    const image = await put()
    // At once, so that no removal begins from here on; one that had begun is waited for.
    const claims = this.#claims.get(image.digest) ?? []
    this.#claims.set(image.digest, [...claims, { holders, number: ++this.#number }])
    await this.#removing.get(image.digest)
    return image
  }

  /** Claims made since it was asked what runs hold in any case. Forgets claims whose holders have all ended. */
  #isClaimed(digest: string, { running, since }: { running: ReadonlySet<Holder>; since: number }): boolean {
    const held = (this.#claims.get(digest) ?? []).filter(
      ({ holders, number }) => number > since || [...holders].some(id => running.has(id)),
    )
    if (held.length > 0) this.#claims.set(digest, held)
    else this.#claims.delete(digest)
    return held.length > 0
  }
}
