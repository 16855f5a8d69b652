import type { Blobs } from './blobs.ts'
import type { Catalogue } from './catalogue.ts'
import type { Claim, Claims } from './claims.ts'
import { explained } from './disk-full.ts'
import { imageConfig, imageManifest, type Layer, MEDIA_TYPES } from './image.ts'
import { receivedImage } from './import/received.ts'
import { Upload } from './import/upload.ts'
import type { Layers } from './layers.ts'
import { blobsOf } from './references.ts'
import type { Removal } from './removal.ts'
import {
  type BlobSize,
  type ImageSource,
  ImageTooLarge,
  type ImportedImage,
  type ImportLimits,
  type LayerSource,
  type StoredImage,
  type StoredLayer,
} from './store.ts'
import type { Temporaries } from './temporary.ts'
import type { Turns } from './turns.ts'

export interface IntakeParts {
  catalogue: Catalogue
  blobs: Blobs
  layers: Layers
  claims: Claims
  turns: Turns
  removal: Removal
  temporaries: Temporaries
}

/** Takes images in, those built here and those that were sent: first the bytes, then the record. */
export class Intake {
  readonly #parts: IntakeParts

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  async put(source: ImageSource, maxBytes: number, signal: AbortSignal): Promise<StoredImage> {
    return this.#claiming(async claim => {
      const layers: (Layer & StoredLayer)[] = []
      let size = 0
      for (const layer of source.layers) {
        const stored = await this.#putLayer(layer, { maxBytes: maxBytes - size, claim, signal })
        size += stored.size
        if (stored.digest !== null) layers.push(stored)
      }
      if (size > maxBytes) throw new ImageTooLarge(size, maxBytes)
      signal.throwIfAborted()
      const digest = await this.#parts.turns.take(() => this.#commit({ ...source, layers }))
      return { digest, size, layers: layers.map(({ digest, size, isNew }) => ({ digest, size, isNew })) }
    })
  }

  async importImage(
    archive: AsyncIterable<Uint8Array>,
    limits: ImportLimits,
    signal: AbortSignal,
  ): Promise<ImportedImage> {
    const { temporaries, turns, catalogue } = this.#parts
    const upload = new Upload(temporaries, limits.maxBytes)
    try {
      return await this.#claiming(async claim => {
        await upload.receive(archive, signal)
        const { image, size, hasApp, runs } = await receivedImage(upload, limits, signal)
        const adopted = new Map<string, StoredLayer>()
        for (const blob of blobsOf(image)) {
          signal.throwIfAborted()
          await claim(blob.digest)
          adopted.set(blob.digest, await this.#adopt(blob, upload))
        }
        await turns.take(() => catalogue.add(image))
        const layers = image.layers.flatMap(({ digest }) => adopted.get(digest) ?? [])
        return { digest: image.manifest.digest, size, layers, hasApp, ...runs }
      })
    } finally {
      await upload.discard()
    }
  }

  /** Does what counts on blobs to stay. What it leaves without an image goes. */
  async #claiming<T>(work: (claim: Claim) => Promise<T>): Promise<T> {
    const claims = this.#parts.claims.open()
    try {
      return await work(claims.claim)
    } catch (error) {
      throw explained(error)
    } finally {
      await this.#parts.removal.release(claims.end())
    }
  }

  async #putLayer(
    source: LayerSource,
    limits: { maxBytes: number; claim: Claim; signal: AbortSignal },
  ): Promise<(Layer & StoredLayer) | { digest: null; size: number }> {
    const { layers } = this.#parts
    const tree = await layers.fingerprint(source, limits.signal)
    const known = await layers.known(tree.diffId, limits.claim)
    if (known) return { ...known, isNew: false }
    const stored = await layers.store(tree, limits)
    return stored.digest === null ? stored : { ...stored, isNew: true }
  }

  /** Takes a checked file into the store, unless the very same is there. */
  async #adopt({ digest, size }: BlobSize, upload: Upload): Promise<StoredLayer> {
    const { blobs } = this.#parts
    if ((await blobs.change({ digest, size })) === undefined) return { digest, size, isNew: false }
    await upload.release(digest, file => blobs.adopt(file, digest))
    return { digest, size, isNew: true }
  }

  /** Stores what names the layers, the record that makes the image exist last. */
  async #commit(source: Omit<ImageSource, 'layers'> & { layers: readonly Layer[] }): Promise<string> {
    const { blobs, catalogue } = this.#parts
    const config = { mediaType: MEDIA_TYPES.config, ...(await blobs.write(imageConfig(source))) }
    const bytes = imageManifest(source, config)
    const manifest = { mediaType: MEDIA_TYPES.manifest, ...(await blobs.write(bytes)) }
    const layers = source.layers.map(({ mediaType, digest, size, diffId }) => ({
      ...{ mediaType, digest, size },
      diffId,
    }))
    await catalogue.add({ manifest, config, layers })
    return manifest.digest
  }
}
