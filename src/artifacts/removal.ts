import type { Blobs } from './blobs.ts'
import type { Catalogue } from './catalogue.ts'
import type { Claims } from './claims.ts'
import type { Layers } from './layers.ts'
import type { Orphan } from './references.ts'
import type { Turns } from './turns.ts'

/** So many at a time; in between, puts get their turn. */
const PORTION = 512

interface Parts {
  catalogue: Catalogue
  blobs: Blobs
  layers: Layers
  claims: Claims
  turns: Turns
}

/**
 * Takes images away in two steps: first their records, so that they do not exist, then the blobs that nobody names. What
 * is an orphan stays one until its file is gone, so whoever comes next goes on where this was cut short.
 */
export class Removal {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Returns the bytes freed. */
  async images(digests: readonly string[], signal: AbortSignal): Promise<number> {
    const { turns, catalogue } = this.#parts
    const doomed = new Set(digests)
    const present = digests.length > 1 ? (await catalogue.list()).filter(one => doomed.has(one)) : digests
    for (const portion of portions(present)) {
      signal.throwIfAborted()
      await turns.take(() => catalogue.forget(portion))
    }
    // For good, before the first blob goes: no power failure may bring back an image that has lost some.
    const isSettled = await turns.take(() => catalogue.settle())
    try {
      return await this.orphans(signal)
    } finally {
      // On a full disk there may be room for the index now.
      if (!isSettled) await turns.take(() => catalogue.settle())
    }
  }

  /** Deletes every blob that no image names and nobody counts on. Returns the bytes freed. */
  async orphans(signal: AbortSignal): Promise<number> {
    const { turns, blobs, layers, catalogue } = this.#parts
    const orphans = new Map(catalogue.references.orphans.map(orphan => [orphan.digest, orphan]))
    if (orphans.size === 0) return 0
    // In the order in which the disk has them, which is how deleting many goes fastest.
    const listed = orphans.size > PORTION ? await blobs.list() : []
    const ordered = new Set(listed.filter(digest => orphans.has(digest)))
    const all = [...ordered, ...[...orphans.keys()].filter(digest => !ordered.has(digest))]
    let freed = 0
    for (const portion of portions(all.flatMap(digest => orphans.get(digest) ?? []))) {
      signal.throwIfAborted()
      freed += await turns.take(() => this.#sweep(portion))
    }
    await layers.forget(new Set([...orphans.values()].flatMap(({ diffId }) => diffId ?? [])))
    return freed
  }

  /** What a piece of work counted on until now goes, if it came to nothing. */
  async release(digests: readonly string[]): Promise<void> {
    const { blobs, turns } = this.#parts
    const { references } = this.#parts.catalogue
    const unnamed = digests.filter(digest => !references.names(digest))
    if (unnamed.length === 0) return
    await turns.take(async () => {
      for (const digest of unnamed) references.found({ digest, size: (await blobs.size(digest)) ?? 0 })
      await this.#sweep(references.orphans.filter(({ digest }) => unnamed.includes(digest)))
    })
  }

  async #sweep(orphans: readonly Orphan[]): Promise<number> {
    const { claims, blobs } = this.#parts
    const { references } = this.#parts.catalogue
    const doomed = orphans.filter(({ digest }) => references.isOrphan(digest) && !claims.has(digest))
    const deleteOne = ({ digest }: Orphan) => blobs.delete(digest).then(() => references.deleted(digest))
    await Promise.all(doomed.map(deleteOne))
    return doomed.reduce((sum, { size }) => sum + size, 0)
  }
}

function portions<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / PORTION) }, (_, i) =>
    items.slice(i * PORTION, (i + 1) * PORTION),
  )
}
