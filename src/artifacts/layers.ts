import { createHash } from 'node:crypto'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { ArchiveFault, entryPath } from '../archive/inside.ts'
import { packTree } from '../archive/pack.ts'
import { readTree, type TreeEntry } from '../archive/tree.ts'
import { deleteFile } from '../files/missing.ts'
import { type Blobs, hex } from './blobs.ts'
import type { Claim } from './claims.ts'
import { type Layer, MEDIA_TYPES } from './image.ts'
import { inBatches } from './in-batches.ts'
import type { LayerSource } from './store.ts'
import type { Temporaries } from './temporary.ts'

/**
 * Zstandard at its default level: on 50 MB of node_modules about as small as gzip -6 in a sixth of the time.
 * No worker threads: the result must not depend on the machine.
 */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

/** Makes layers of directories. A tree whose tar was stored before is recognised by the tar's digest, before packing. */
export class Layers {
  readonly #directory: string
  readonly #blobs: Blobs
  readonly #temporaries: Temporaries

  /** `directory` keeps, for each tar digest, which blob holds it: hints that may be lost at any time. */
  constructor(directory: string, blobs: Blobs, temporaries: Temporaries) {
    this.#directory = directory
    this.#blobs = blobs
    this.#temporaries = temporaries
  }

  /** What a tree is before it is stored: its entries, and the digest of their tar. */
  async fingerprint(
    source: LayerSource,
    signal: AbortSignal,
  ): Promise<{ entries: readonly TreeEntry[]; diffId: string }> {
    const entries = await readTree(source)
    for (const { path } of entries) {
      refuseWhiteout(path)
      // It will be unpacked.
      entryPath(`app/${path}`)
    }
    const hash = createHash('sha256')
    for await (const chunk of packTree(entries, 'app')) {
      signal.throwIfAborted()
      hash.update(chunk)
    }
    return { entries, diffId: `sha256:${hash.digest('hex')}` }
  }

  /** The stored layer with this content, if there is one and it is whole. */
  async known(diffId: string, claim: Claim): Promise<Layer | undefined> {
    const hint = await this.#readHint(diffId)
    if (!hint) return undefined
    await claim(hint.digest)
    if ((await this.#blobs.change(hint)) !== undefined) return undefined
    return { mediaType: MEDIA_TYPES.layer, diffId, ...hint }
  }

  /** Forgets which blobs hold these tars: they are gone. */
  async forget(diffIds: ReadonlySet<string>): Promise<void> {
    if (diffIds.size > 0) await this.#forget(diffId => diffIds.has(diffId))
  }

  /** Forgets all but these. */
  async keep(diffIds: ReadonlySet<string>): Promise<void> {
    await this.#forget(diffId => !diffIds.has(diffId))
  }

  async #forget(isDoomed: (diffId: string) => boolean): Promise<void> {
    const names = (await readdir(this.#directory)).filter(name => isDoomed(`sha256:${name}`))
    await inBatches(names, name => deleteFile(join(this.#directory, name)))
  }

  /** Packs and stores. `digest` is null when the layer is larger than `maxBytes`; nothing is kept then. */
  async store(
    tree: { entries: readonly TreeEntry[]; diffId: string },
    limits: { maxBytes: number; claim: Claim; signal: AbortSignal },
  ): Promise<Layer | { digest: null; size: number }> {
    const hash = createHash('sha256')
    let stored: { digest: string | null; size: number } | undefined
    await pipeline(
      packTree(tree.entries, 'app'),
      async function* (tar: AsyncIterable<Buffer>) {
        for await (const chunk of tar) {
          hash.update(chunk)
          yield chunk
        }
      },
      createZstdCompress(ZSTD),
      async (packed: AsyncIterable<Buffer>) => {
        stored = await this.#blobs.writeStream(packed, limits.maxBytes, limits.claim)
      },
      { signal: limits.signal },
    )
    if (!stored) throw new Error('The layer was not stored.')
    if (stored.digest === null) return { digest: null, size: stored.size }
    const { digest, size } = stored
    const layer = { mediaType: MEDIA_TYPES.layer, diffId: tree.diffId, digest, size }
    if (`sha256:${hash.digest('hex')}` !== tree.diffId)
      throw new Error('Files changed while they were being packed: a process of the build still runs.')
    await this.#writeHint(layer)
    return layer
  }

  async #readHint(diffId: string): Promise<{ digest: string; size: number } | undefined> {
    try {
      const { digest, size } = JSON.parse(await readFile(join(this.#directory, hex(diffId)), 'utf8'))
      return { digest, size }
    } catch {
      return undefined
    }
  }

  async #writeHint(layer: Layer): Promise<void> {
    const temporary = this.#temporaries.path()
    await writeFile(temporary, JSON.stringify({ digest: layer.digest, size: layer.size }), { mode: 0o600 })
    await rename(temporary, join(this.#directory, hex(layer.diffId)))
  }
}

/** In an image, such a name takes a file of a lower layer away. */
function refuseWhiteout(path: string): void {
  if (!basename(path).startsWith('.wh.')) return
  throw new ArchiveFault(
    `${path} has a name that begins with ".wh.", which means a removed file in an image. Give it another name.`,
  )
}
