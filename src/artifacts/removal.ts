import type { Blobs } from './blobs.ts'
import type { Catalogue } from './catalogue.ts'
import type { Claims } from './claims.ts'
import { failuresOf } from './failures.ts'
import type { Layers } from './layers.ts'
import type { Orphan } from './references.ts'
import type { Removed } from './store.ts'
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

  async images(digests: readonly string[], signal: AbortSignal): Promise<Removed> {
    const { turns, catalogue } = this.#parts
    const failures = new Map<string, unknown>()
    for (const portion of portions(await this.#present(digests))) {
      signal.throwIfAborted()
      const failed = await turns.take(() => catalogue.forget(portion))
      for (const [digest, why] of failed) failures.set(digest, why)
    }
    // For good, before the first blob goes: no power failure may bring back an image that has lost some.
    const isSettled = await turns.take(() => catalogue.settle())
    try {
      const removed = await this.orphans(signal)
      return { ...removed, failures: new Map([...failures, ...removed.failures]) }
    } finally {
      // On a full disk there may be room for the index now.
      if (!isSettled) await turns.take(() => catalogue.settle())
    }
  }

  /** Deletes every blob that no image names and nobody counts on. */
  async orphans(signal: AbortSignal): Promise<Removed> {
    const { turns, blobs, layers, catalogue } = this.#parts
    const orphans = new Map(catalogue.references.orphans.map(orphan => [orphan.digest, orphan]))
    const removed = { bytes: 0, failures: new Map<string, unknown>() }
    if (orphans.size === 0) return removed
    // In the order in which the disk has them, which is how deleting many goes fastest.
    const listed = orphans.size > PORTION ? await blobs.list() : []
    const ordered = new Set(listed.filter(digest => orphans.has(digest)))
    const all = [...ordered, ...[...orphans.keys()].filter(digest => !ordered.has(digest))]
    for (const portion of portions(all.flatMap(digest => orphans.get(digest) ?? []))) {
      signal.throwIfAborted()
      const { bytes, failures } = await turns.take(() => this.#sweep(portion))
      removed.bytes += bytes
      for (const [digest, why] of failures) removed.failures.set(digest, why)
    }
    await layers.forget(new Set([...orphans.values()].flatMap(({ diffId }) => diffId ?? [])))
    return removed
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

  /** Those of these images that are there, in the order in which the disk has them, and those half of which may be. */
  async #present(digests: readonly string[]): Promise<readonly string[]> {
    if (digests.length <= 1) return digests
    const { catalogue } = this.#parts
    const doomed = new Set(digests)
    const listed = (await catalogue.list()).filter(digest => doomed.has(digest))
    // The record of one may be gone, by whatever hand, while its blobs still count as named.
    const named = digests.filter(digest => catalogue.references.images.has(digest))
    return [...new Set([...listed, ...named])]
  }

  async #sweep(orphans: readonly Orphan[]): Promise<Removed> {
    const { claims, blobs } = this.#parts
    const { references } = this.#parts.catalogue
    const doomed = orphans.filter(({ digest }) => references.isOrphan(digest) && !claims.has(digest))
    const digests = doomed.map(({ digest }) => digest)
    const failures = await failuresOf(digests, async digest => {
      await blobs.delete(digest)
      references.deleted(digest)
    })
    const gone = doomed.filter(({ digest }) => !failures.has(digest))
    return { bytes: gone.reduce((sum, { size }) => sum + size, 0), failures }
  }
}

function portions<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / PORTION) }, (_, i) =>
    items.slice(i * PORTION, (i + 1) * PORTION),
  )
}
