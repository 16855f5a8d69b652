import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instant } from '../../core/time.ts'
import { writeDurably } from '../../files/durable.ts'
import { unlessMissing } from '../../files/missing.ts'
import { Blobs } from '../blobs.ts'
import { Catalogue } from '../catalogue.ts'
import { Claims } from '../claims.ts'
import { explained } from '../disk-full.ts'
import { exportLayout } from '../export-image.ts'
import { LAYOUT } from '../image.ts'
import { withSlug } from '../import/slug.ts'
import { Intake } from '../intake.ts'
import { Layers } from '../layers.ts'
import { blobsOf } from '../references.ts'
import { Removal } from '../removal.ts'
import type {
  ArtifactStore,
  ImageSource,
  ImportedImage,
  ImportLimits,
  Removed,
  SlugSource,
  StoredImage,
  StoreUsage,
} from '../store.ts'
import { Temporaries } from '../temporary.ts'
import { Turns } from '../turns.ts'
import { Unpacked } from '../unpacked.ts'
import { usageOf } from '../usage.ts'

/**
 * Opens, and makes if need be, a store that keeps images in a directory, as an OCI image layout. One process at a time.
 *
 *     oci-layout  index.json  blobs/sha256/…   the layout itself
 *     images/…       one record a stored image: what makes it exist; index.json is derived from them
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
  const layout = join(root, 'oci-layout')
  // Only once: a full disk has no room for it.
  if (!(await unlessMissing(readFile(layout)))?.equals(LAYOUT))
    await writeDurably(layout, LAYOUT, temporaries.path())
  const store = new FilesystemStore(root, temporaries)
  await store.open()
  return store
}

/** For what is quick, or has to be finished. */
const NEVER = new AbortController().signal

class FilesystemStore implements ArtifactStore {
  readonly #temporaries: Temporaries
  readonly #blobs: Blobs
  readonly #catalogue: Catalogue
  readonly #layers: Layers
  readonly #unpacked: Unpacked
  readonly #claims: Claims
  readonly #removal: Removal
  readonly #intake: Intake

  constructor(root: string, temporaries: Temporaries) {
    const blobs = new Blobs(join(root, 'blobs', 'sha256'), temporaries)
    const catalogue = new Catalogue(root, blobs, temporaries)
    const layers = new Layers(join(root, 'contents'), blobs, temporaries)
    // Whoever changes which images exist, or counts on a blob to stay, takes turns.
    const turns = new Turns()
    const claims = new Claims(turns)
    const removal = new Removal({ catalogue, blobs, layers, claims, turns })
    this.#temporaries = temporaries
    this.#blobs = blobs
    this.#catalogue = catalogue
    this.#layers = layers
    this.#unpacked = new Unpacked(join(root, 'unpacked'), blobs, temporaries)
    this.#claims = claims
    this.#removal = removal
    this.#intake = new Intake({ catalogue, blobs, layers, claims, turns, removal, temporaries })
  }

  /** Reads what there is, and does what a crash left to do. */
  async open(): Promise<void> {
    await this.#unpacked.open()
    await this.#catalogue.open()
    for (const digest of await this.#blobs.list()) this.#catalogue.references.found({ digest, size: 0 })
    // What cannot be deleted now is tried again, and told of, by each removal.
    await this.#removal.orphans(NEVER)
    await this.#layers.keep(this.#catalogue.diffIds())
  }

  put(source: ImageSource, maxBytes: number, signal: AbortSignal): Promise<StoredImage> {
    return this.#intake.put(source, maxBytes, signal)
  }

  importImage(
    archive: AsyncIterable<Uint8Array>,
    limits: ImportLimits,
    signal: AbortSignal,
  ): Promise<ImportedImage> {
    return this.#intake.importImage(archive, limits, signal)
  }

  async importSlug(
    archive: AsyncIterable<Uint8Array>,
    slug: SlugSource & ImportLimits,
    signal: AbortSignal,
  ): Promise<StoredImage> {
    try {
      return await withSlug(archive, { ...slug, temporaries: this.#temporaries, signal }, source =>
        this.put(source, slug.maxBytes, signal),
      )
    } catch (error) {
      throw explained(error)
    }
  }

  async *exportImage(digest: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const claims = this.#claims.open()
    try {
      for (const blob of blobsOf(await this.#catalogue.existing(digest))) await claims.claim(blob.digest)
      // It may have gone until everything was claimed.
      yield* exportLayout(await this.#catalogue.existing(digest), this.#blobs, signal)
    } finally {
      await this.#removal.release(claims.end())
    }
  }

  has(digest: string): Promise<boolean> {
    return this.#catalogue.has(digest)
  }

  async layers(digest: string, signal: AbortSignal): Promise<readonly string[]> {
    const image = await this.#catalogue.existing(digest)
    try {
      return await this.#unpacked.directories(image.layers, signal)
    } catch (error) {
      throw explained(error)
    }
  }

  remove(digest: string): Promise<Removed> {
    return this.#removal.images([digest], NEVER)
  }

  removeAll(digests: readonly string[], signal: AbortSignal): Promise<Removed> {
    return this.#removal.images(digests, signal)
  }

  async pruneUnpacked(keep: readonly string[], unusedSince: Instant): Promise<void> {
    const images = await Promise.all(keep.map(digest => this.#catalogue.find(digest)))
    const kept = images.flatMap(image => (image ? [image.layers] : []))
    await this.#unpacked.prune(kept, unusedSince)
  }

  async verify(digest: string, { deep } = { deep: true }): Promise<readonly string[]> {
    const image = await this.#catalogue.find(digest)
    if (!image) return [`Image ${digest} is not in the artifact store.`]
    const faults: string[] = []
    for (const blob of blobsOf(image)) {
      const fault = await this.#blobs.fault(blob, deep)
      if (fault) faults.push(fault)
    }
    return faults
  }

  async usage(): Promise<StoreUsage> {
    return {
      images: usageOf(this.#catalogue.contents()),
      blobs: await this.#blobs.bytes(),
      unpacked: await this.#unpacked.bytes(),
      temporary: await this.#temporaries.bytes(),
    }
  }
}
