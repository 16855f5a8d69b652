import type { Image } from './image.ts'
import type { BlobSize } from './store.ts'

/** A blob that no image names any more; for a layer, the digest of the tar inside as well. */
export interface Orphan extends BlobSize {
  diffId?: string
}

/** Which images there are and which blobs they name: what is on disk, in memory, so that removing reads nothing. */
export class References {
  readonly #images = new Map<string, Image>()
  readonly #users = new Map<string, number>()
  readonly #orphans = new Map<string, Orphan>()

  get images(): ReadonlyMap<string, Image> {
    return this.#images
  }

  /** Whether any image names the blob. */
  names(blob: string): boolean {
    return this.#users.has(blob)
  }

  add(image: Image): void {
    if (this.#images.has(image.manifest.digest)) return
    this.#images.set(image.manifest.digest, image)
    for (const { digest } of blobsOf(image)) {
      this.#users.set(digest, (this.#users.get(digest) ?? 0) + 1)
      this.#orphans.delete(digest)
    }
  }

  /** Forgets an image. Blobs that only it named are orphans now. */
  drop(digest: string): void {
    const image = this.#images.get(digest)
    if (!image) return
    this.#images.delete(digest)
    for (const blob of blobsOf(image)) {
      const users = (this.#users.get(blob.digest) ?? 0) - 1
      if (users > 0) this.#users.set(blob.digest, users)
      else {
        this.#users.delete(blob.digest)
        this.#orphans.set(blob.digest, blob)
      }
    }
  }

  /** Notes a blob that is on disk. It is an orphan unless an image names it. */
  found(blob: Orphan): void {
    if (!this.names(blob.digest)) this.#orphans.set(blob.digest, blob)
  }

  get orphans(): readonly Orphan[] {
    return [...this.#orphans.values()]
  }

  isOrphan(digest: string): boolean {
    return this.#orphans.has(digest)
  }

  deleted(digest: string): void {
    this.#orphans.delete(digest)
  }
}

/** Every blob an image names, once. */
export function blobsOf({ manifest, config, layers }: Image): readonly Orphan[] {
  const blobs = new Map<string, Orphan>()
  for (const { digest, size } of [manifest, config]) blobs.set(digest, { digest, size })
  for (const { digest, size, diffId } of layers) blobs.set(digest, { digest, size, diffId })
  return [...blobs.values()]
}
