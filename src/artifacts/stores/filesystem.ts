import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instant } from '../../core/time.ts'
import { Blobs, type Claim, hex, isMissing } from '../blobs.ts'
import { writeDurably } from '../durable.ts'
import {
  type Descriptor,
  imageConfig,
  imageIndex,
  imageManifest,
  type Layer,
  MEDIA_TYPES,
  parseDiffIds,
  parseManifest,
} from '../image.ts'
import { Layers } from '../layers.ts'
import {
  type ArtifactStore,
  type ImageSource,
  ImageTooLarge,
  type LayerSource,
  type StoredImage,
  type StoredLayer,
  type StoreUsage,
} from '../store.ts'
import { Temporaries } from '../temporary.ts'
import { Turns } from '../turns.ts'
import { Unpacked } from '../unpacked.ts'

/**
 * Opens, and makes if need be, a store that keeps images in a directory, as an OCI image layout. One process at a time.
 *
 *     oci-layout  index.json  blobs/sha256/…   the layout itself
 *     images/…       one descriptor a stored image: what makes it exist; index.json is derived from them
 *     contents/…     which layer holds a given tar
 *     unpacked/…     layers ready for dynos
 *     temporary/…    what is not finished
 */
export async function openFilesystemStore(root: string): Promise<ArtifactStore> {
  // Dynos of any user pass through the root to their unpacked layers; nobody but the server may list it.
  for (const name of ['', 'unpacked']) {
    await mkdir(join(root, name), { recursive: true })
    await chmod(join(root, name), 0o711)
  }
  for (const name of ['blobs/sha256', 'images', 'contents', 'temporary'])
    await mkdir(join(root, name), { recursive: true, mode: 0o700 })
  const temporaries = new Temporaries(join(root, 'temporary'))
  await temporaries.clear()
  const store = new FilesystemStore(root, temporaries)
  await store.open()
  return store
}

/** So many files are deleted at once. */
const AT_ONCE = 16

/** An image as read back from its manifest and configuration. */
interface Image {
  manifest: Descriptor
  config: Descriptor
  layers: readonly Layer[]
}

class FilesystemStore implements ArtifactStore {
  readonly #root: string
  readonly #temporaries: Temporaries
  readonly #blobs: Blobs
  readonly #layers: Layers
  readonly #unpacked: Unpacked
  /** Whoever changes which images exist, or counts on a blob to stay, takes turns. */
  readonly #turns = new Turns()
  /** Blobs that a put in progress counts on, with how many do. */
  readonly #wanted = new Map<string, number>()
  /** Images never change, so they are read once. */
  readonly #images = new Map<string, Image>()

  constructor(root: string, temporaries: Temporaries) {
    this.#root = root
    this.#temporaries = temporaries
    this.#blobs = new Blobs(join(root, 'blobs', 'sha256'), temporaries)
    this.#layers = new Layers(join(root, 'contents'), this.#blobs, temporaries)
    this.#unpacked = new Unpacked(join(root, 'unpacked'), temporaries)
  }

  async open(): Promise<void> {
    await writeDurably(
      join(this.#root, 'oci-layout'),
      Buffer.from('{"imageLayoutVersion":"1.0.0"}\n'),
      this.#temporaries.path(),
    )
    await this.#unpacked.open()
    await this.#turns.take(async () => {
      await this.#sweep()
      await this.#writeIndex()
    })
  }

  async put(source: ImageSource, maxBytes: number, signal: AbortSignal): Promise<StoredImage> {
    const claimed: string[] = []
    const claim: Claim = digest => {
      claimed.push(digest)
      this.#claim(digest)
    }
    try {
      const layers: (Layer & StoredLayer)[] = []
      let size = 0
      for (const layer of source.layers) {
        const stored = await this.#putLayer(layer, { maxBytes: maxBytes - size, claim, signal })
        size += stored.size
        if (stored.digest !== null) layers.push(stored)
      }
      if (size > maxBytes) throw new ImageTooLarge(size, maxBytes)
      signal.throwIfAborted()
      const digest = await this.#turns.take(() => this.#commit({ ...source, layers }))
      return { digest, size, layers: layers.map(({ digest, size, isNew }) => ({ digest, size, isNew })) }
    } catch (error) {
      throw explained(error)
    } finally {
      for (const digest of claimed) this.#release(digest)
    }
  }

  async has(digest: string): Promise<boolean> {
    return (await this.#find(digest)) !== undefined
  }

  async layers(digest: string, signal: AbortSignal): Promise<readonly string[]> {
    const image = await this.#find(digest)
    if (!image) throw new Error(`Image ${digest} is not in the artifact store.`)
    const directories: string[] = []
    try {
      for (const layer of image.layers) {
        signal.throwIfAborted()
        directories.push(await this.#unpacked.directory(layer, this.#blobs.path(layer.digest)))
      }
    } catch (error) {
      throw explained(error)
    }
    return directories
  }

  async remove(digest: string): Promise<number> {
    return this.#turns.take(async () => {
      await rm(this.#imagePath(digest), { force: true })
      await this.#writeIndex()
      return this.#sweep()
    })
  }

  async removeAll(digests: readonly string[], signal: AbortSignal): Promise<number> {
    if (digests.length === 0) return 0
    return this.#turns.take(async () => {
      for (let from = 0; from < digests.length && !signal.aborted; from += AT_ONCE)
        await Promise.all(
          digests.slice(from, from + AT_ONCE).map(digest => rm(this.#imagePath(digest), { force: true })),
        )
      await this.#writeIndex()
      return this.#sweep()
    })
  }

  async usage(): Promise<StoreUsage> {
    const images = await this.#list()
    const described = images.map(image => {
      const blobs = [image.manifest, image.config, ...image.layers]
      return [image.manifest.digest, { blobs }] as const
    })
    return { images: new Map(described) }
  }

  async pruneUnpacked(keep: readonly string[], unusedSince: Instant): Promise<void> {
    const images = await Promise.all(keep.map(digest => this.#find(digest)))
    await this.#unpacked.prune(
      new Set(images.flatMap(image => image?.layers.map(layer => layer.diffId) ?? [])),
      unusedSince,
    )
  }

  async verify(digest: string): Promise<readonly string[]> {
    const image = await this.#find(digest)
    if (!image) return [`Image ${digest} is not in the artifact store.`]
    const faults: string[] = []
    for (const blob of [image.manifest, image.config, ...image.layers]) {
      const fault = await this.#blobs.fault(blob.digest, blob.size)
      if (fault) faults.push(fault)
    }
    return faults
  }

  async #putLayer(
    source: LayerSource,
    limits: { maxBytes: number; claim: Claim; signal: AbortSignal },
  ): Promise<(Layer & StoredLayer) | { digest: null; size: number }> {
    const tree = await this.#layers.fingerprint(source, limits.signal)
    const known = await this.#turns.take(async () => {
      const layer = await this.#layers.known(tree.diffId)
      if (layer) limits.claim(layer.digest)
      return layer
    })
    if (known) return { ...known, isNew: false }
    const stored = await this.#layers.store(tree, limits)
    return stored.digest === null ? stored : { ...stored, isNew: true }
  }

  #claim(digest: string): void {
    this.#wanted.set(digest, (this.#wanted.get(digest) ?? 0) + 1)
  }

  #release(digest: string): void {
    const count = (this.#wanted.get(digest) ?? 0) - 1
    if (count > 0) this.#wanted.set(digest, count)
    else this.#wanted.delete(digest)
  }

  /** Stores what names the layers, the descriptor that makes the image exist last. */
  async #commit(source: Omit<ImageSource, 'layers'> & { layers: readonly Layer[] }): Promise<string> {
    const config = await this.#blobs.write(imageConfig(source))
    const manifest = await this.#blobs.write(
      imageManifest(source, { mediaType: MEDIA_TYPES.config, ...config }),
    )
    const descriptor: Descriptor = { mediaType: MEDIA_TYPES.manifest, ...manifest }
    await writeDurably(
      this.#imagePath(manifest.digest),
      Buffer.from(JSON.stringify(descriptor)),
      this.#temporaries.path(),
    )
    await this.#writeIndex()
    return manifest.digest
  }

  async #writeIndex(): Promise<void> {
    const descriptors = (await this.#list()).map(image => image.manifest)
    await writeDurably(join(this.#root, 'index.json'), imageIndex(descriptors), this.#temporaries.path())
  }

  /** Deletes every blob that no image names and no put counts on. Returns the bytes freed. */
  async #sweep(): Promise<number> {
    const used = new Set<string>()
    for (const image of await this.#list()) {
      for (const blob of [image.manifest, image.config, ...image.layers]) used.add(blob.digest)
    }
    let freed = 0
    const doomed = (await this.#blobs.list()).filter(digest => !used.has(digest))
    for (let from = 0; from < doomed.length; from += AT_ONCE) {
      const free = doomed.slice(from, from + AT_ONCE).filter(digest => !this.#wanted.has(digest))
      for (const bytes of await Promise.all(free.map(digest => this.#blobs.delete(digest)))) freed += bytes
    }
    return freed
  }

  async #list(): Promise<readonly Image[]> {
    const names = (await readdir(join(this.#root, 'images'))).sort()
    const images = await Promise.all(names.map(name => this.#find(`sha256:${name}`)))
    return images.filter(image => image !== undefined)
  }

  async #find(digest: string): Promise<Image | undefined> {
    const descriptor = await readFile(this.#imagePath(digest), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    })
    if (descriptor === undefined) {
      this.#images.delete(digest)
      return undefined
    }
    const image = this.#images.get(digest) ?? (await this.#readImage(JSON.parse(descriptor)))
    this.#images.set(digest, image)
    return image
  }

  async #readImage(manifest: Descriptor): Promise<Image> {
    const { config, layers } = parseManifest(await this.#blobs.read(manifest.digest))
    const diffIds = parseDiffIds(await this.#blobs.read(config.digest))
    return {
      manifest,
      config,
      layers: layers.map(({ digest, size }, i) => ({ digest, size, diffId: diffIds[i] ?? '' })),
    }
  }

  #imagePath(digest: string): string {
    return join(this.#root, 'images', hex(digest))
  }
}

/** A full disk is worth a sentence of its own. */
function explained(error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new Error("No space is left on the artifact store's disk. Free some space and deploy again.", {
    cause: error,
  })
}
