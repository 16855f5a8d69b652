import { join } from 'node:path'
import { isDiskFull } from '../files/disk-full.ts'
import { writeDurably } from '../files/durable.ts'
import type { Blobs } from './blobs.ts'
import { failuresOf } from './failures.ts'
import { type Image, imageIndex } from './image.ts'
import { Records } from './records.ts'
import { blobsOf, References } from './references.ts'
import type { BlobSize } from './store.ts'
import type { Temporaries } from './temporary.ts'

/** Which images exist: on disk their records and the index that others read, in memory what they refer to. */
export class Catalogue {
  readonly references = new References()
  readonly #index: string
  readonly #records: Records
  readonly #temporaries: Temporaries

  constructor(root: string, blobs: Blobs, temporaries: Temporaries) {
    this.#index = join(root, 'index.json')
    this.#records = new Records(join(root, 'images'), blobs, temporaries)
    this.#temporaries = temporaries
  }

  async open(): Promise<void> {
    for (const image of await this.#records.readAll()) this.references.add(image)
    await this.settle()
  }

  /** Every image's digest, in the order in which the disk has them. */
  list(): Promise<readonly string[]> {
    return this.#records.list()
  }

  async has(digest: string): Promise<boolean> {
    return this.#records.exists(digest)
  }

  /** What is on disk counts: another process may have looked after the store for a while. */
  async find(digest: string): Promise<Image | undefined> {
    if (!(await this.has(digest))) return undefined
    return this.references.images.get(digest) ?? (await this.#records.read(digest))
  }

  async existing(digest: string): Promise<Image> {
    const image = await this.find(digest)
    if (!image) throw new Error(`Image ${digest} is not in the artifact store.`)
    return image
  }

  /** Makes an image exist. All that it names must be there, for good. */
  async add(image: Image): Promise<void> {
    const { digest } = image.manifest
    if (this.references.images.has(digest) && (await this.has(digest))) return
    await this.#records.write(image)
    this.references.add(image)
    await this.#writeIndex()
  }

  /** Makes images, not too many at a time, not exist any more; for good once {@link settle} returned. Answers failures. */
  async forget(digests: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    return failuresOf(digests, async digest => {
      await this.#records.remove(digest)
      this.references.drop(digest)
    })
  }

  /** False while the disk is too full for the index, which is derived and can wait: what is forgotten stays so. */
  async settle(): Promise<boolean> {
    await this.#records.sync()
    try {
      await this.#writeIndex()
      return true
    } catch (error) {
      if (isDiskFull(error)) return false
      throw error
    }
  }

  /** The blobs of every image. */
  contents(): ReadonlyMap<string, readonly BlobSize[]> {
    const entries = [...this.references.images].map(([image, parts]) => {
      const blobs = blobsOf(parts).map(({ digest, size }) => ({ digest, size }))
      return [image, blobs] as const
    })
    return new Map(entries)
  }

  /** The digests of all tars in layers. */
  diffIds(): ReadonlySet<string> {
    const images = [...this.references.images.values()]
    return new Set(images.flatMap(({ layers }) => layers.map(({ diffId }) => diffId)))
  }

  async #writeIndex(): Promise<void> {
    const manifests = [...this.references.images.values()].map(({ manifest }) => manifest)
    const index = imageIndex(manifests.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)))
    await writeDurably(this.#index, index, this.#temporaries.path())
  }
}
