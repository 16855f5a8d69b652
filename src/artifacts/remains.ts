import type { Ledger } from '../ledger/ledger.ts'
import type { ArtifactStore, Removed } from './store.ts'
import { Turns } from './turns.ts'
import type { UnnamedImages } from './unnamed.ts'

export interface RemainsContext {
  ledger: Ledger
  store: ArtifactStore
  unnamed: UnnamedImages
  onTrouble: (trouble: { doing: string; error: unknown }) => void
}

/** So many artifacts are seen to at once: each removal looks at all that is stored. */
const PAGE = 5000

/**
 * Deletes the bytes of what the ledger no longer needs: record first, delete bytes later. What a crash leaves is found
 * again, since the ledger notes of each destroyed artifact when there was nothing left of it.
 */
export class Remains {
  readonly #context: RemainsContext
  readonly #turns = new Turns()

  constructor(context: RemainsContext) {
    this.#context = context
  }

  /** Deletes the bytes of destroyed artifacts, of all apps, unless others use them. Returns how many went. Throws when aborted. */
  collect(signal: AbortSignal): Promise<number> {
    return this.#turns.take(async () => {
      const { artifacts } = this.#context.ledger.read
      let freed = 0
      for (let after = ''; ; ) {
        signal.throwIfAborted()
        const page = await artifacts.toCollect({ after, limit: PAGE })
        const last = page.at(-1)
        if (!last) break
        freed += await this.#collectPage(page, signal)
        after = last.id
      }
      return freed
    })
  }

  /** Deletes images that the ledger does not know, or not any more. Returns the bytes that went. */
  collectUnknown(digests: readonly string[], signal: AbortSignal): Promise<number> {
    return this.#turns.take(() =>
      this.#context.unnamed.without(digests, async free => {
        const { bytes } = await this.#remove(free, signal)
        return bytes
      }),
    )
  }

  async #collectPage(page: readonly { id: string; digest: string }[], signal: AbortSignal): Promise<number> {
    const { ledger, unnamed } = this.#context
    const digests = [...new Set(page.map(({ digest }) => digest))]
    return unnamed.without(digests, async free => {
      const { bytes, failures } = await this.#remove(free, signal)
      const settled = new Set(free.filter(digest => !failures.has(digest)))
      const ids = page.flatMap(({ id, digest }) => (settled.has(digest) ? id : []))
      await ledger.transactPlatform(tx => tx.artifacts.markCollected(ids))
      return bytes
    })
  }

  /** Removes those that no artifact has: another app may run the very same bytes, or a later release of the same one. */
  async #remove(digests: readonly string[], signal: AbortSignal): Promise<Removed> {
    const { ledger, store, onTrouble } = this.#context
    const alive = await ledger.read.artifacts.aliveAmong(digests)
    const doomed = digests.filter(digest => !alive.has(digest))
    const removed = await store.removeAll(doomed, signal)
    const [failure] = removed.failures
    if (failure) {
      const [digest, cause] = failure
      const more = removed.failures.size > 1 ? ` and ${removed.failures.size - 1} more` : ''
      const sentence = `Images or blobs could not be deleted: ${digest}${more}. The next sweep tries again.`
      onTrouble({ doing: 'delete artifacts', error: new Error(sentence, { cause }) })
    }
    return removed
  }
}
