import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory, writeDurably } from '../files/durable.ts'
import { deleteFile, isMissing } from '../files/missing.ts'
import { type Blobs, hex } from './blobs.ts'
import { type Image, MEDIA_TYPES, readImage } from './image.ts'
import { inBatches } from './in-batches.ts'
import type { Temporaries } from './temporary.ts'

/**
 * `images/…`: one file an image, named by its digest, that makes the image exist. It says which blobs the image is made
 * of, so that opening a store reads one file an image.
 */
export class Records {
  readonly #directory: string
  readonly #blobs: Blobs
  readonly #temporaries: Temporaries

  constructor(directory: string, blobs: Blobs, temporaries: Temporaries) {
    this.#directory = directory
    this.#blobs = blobs
    this.#temporaries = temporaries
  }

  async list(): Promise<readonly string[]> {
    return (await readdir(this.#directory)).map(name => `sha256:${name}`)
  }

  async readAll(): Promise<readonly Image[]> {
    const images = await inBatches(await this.list(), digest => this.read(digest))
    return images.filter(image => image !== undefined)
  }

  async exists(digest: string): Promise<boolean> {
    return access(this.#path(digest)).then(
      () => true,
      () => false,
    )
  }

  /** Undefined when there is no such image. */
  async read(digest: string): Promise<Image | undefined> {
    try {
      return parseRecord(await readFile(this.#path(digest), 'utf8')) ?? (await this.#fromManifest(digest))
    } catch (error) {
      if (isMissing(error) && !(await this.exists(digest))) return undefined
      throw new Error(
        `Image ${digest} of the artifact store cannot be read. Restore the store from a copy, or delete the file ${hex(digest)} in its directory images.`,
        { cause: error },
      )
    }
  }

  async write(image: Image): Promise<void> {
    const content = Buffer.from(
      JSON.stringify({ ...image.manifest, config: image.config, layers: image.layers }),
    )
    await writeDurably(this.#path(image.manifest.digest), content, this.#temporaries.path())
  }

  /** After it, the image does not exist any more; for good once {@link sync} has been called. */
  async remove(digest: string): Promise<void> {
    await deleteFile(this.#path(digest))
  }

  async sync(): Promise<void> {
    await syncDirectory(this.#directory)
  }

  /** The record is of an earlier version, or damaged; the manifest says it all. */
  async #fromManifest(digest: string): Promise<Image> {
    const manifest = await this.#blobs.read(digest)
    const { config, mediaType = MEDIA_TYPES.manifest } = JSON.parse(manifest.toString())
    const documents = { manifest, config: await this.#blobs.read(config.digest) }
    return readImage({ mediaType, digest, size: manifest.length }, documents)
  }

  #path(digest: string): string {
    return join(this.#directory, hex(digest))
  }
}

function parseRecord(text: string): Image | undefined {
  try {
    const { mediaType, digest, size, config, layers } = JSON.parse(text)
    return config && layers ? { manifest: { mediaType, digest, size }, config, layers } : undefined
  } catch {
    return undefined
  }
}
