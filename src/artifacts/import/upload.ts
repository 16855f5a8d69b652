import { createHash } from 'node:crypto'
import { open, readFile, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { decompress } from '../../archive/decompress.ts'
import { type Entry, eachEntry } from '../../archive/entries.ts'
import { ArchiveFault, entryPath } from '../../archive/inside.ts'
import type { Descriptor } from '../image.ts'
import { ImageRefused, ImageTooLarge } from '../store.ts'
import type { Temporaries } from '../temporary.ts'

/** No index, manifest or configuration is larger. */
const LARGEST_DOCUMENT = 4 * 1024 * 1024
/** What an archive may hold beside layers. */
const DOCUMENTS = 4 * LARGEST_DOCUMENT
const MOST_ENTRIES = 16_384
/** What a tar of so many has between and behind its files. */
const FRAMES = MOST_ENTRIES * 2048

/** The files of an image layout that somebody sends: on the disk, each of the digest it says, but no part of the store. */
export class Upload {
  readonly #temporaries: Temporaries
  readonly #maxBytes: number
  readonly #blobs = new Map<string, { path: string; size: number }>()
  readonly #documents = new Map<string, Buffer>()
  #entries = 0
  #announced = 0
  #bytes = 0
  #isDockerArchive = false

  constructor(temporaries: Temporaries, maxBytes: number) {
    this.#temporaries = temporaries
    this.#maxBytes = maxBytes
  }

  /** Reads the archive to its end. */
  async receive(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const reading = {
      visit: (entry: Entry) => this.#take(entry),
      count: (bytes: number) => this.#count(bytes),
      signal,
    }
    await readArchive(archive, tar => eachEntry(tar, reading), signal)
    if (this.#documents.has('index.json') && this.#documents.has('oci-layout')) return
    throw new ImageRefused(
      this.#isDockerArchive
        ? 'The archive is of the kind that older versions of docker save make. An OCI image layout was expected, as docker save of version 25 or later makes, or skopeo copy to oci-archive.'
        : 'The archive is no OCI image layout: it has no oci-layout and index.json at its root. Make it with docker save (version 25 or later), docker buildx build --output type=oci, or skopeo copy to oci-archive.',
    )
  }

  get index(): Buffer {
    return this.#documents.get('index.json') ?? Buffer.alloc(0)
  }

  has(digest: string): boolean {
    return this.#blobs.has(digest)
  }

  /** The file of a blob that is of the size its descriptor says. `what` names it in a refusal. */
  file({ digest, size }: Descriptor, what: string): string {
    const blob = this.#blobs.get(digest)
    if (!blob)
      throw new ImageRefused(
        `The archive does not hold ${what} ${digest}. Make it again, with all of the image in it.`,
      )
    if (blob.size !== size)
      throw new ImageRefused(
        `The archive's ${what} ${digest} has ${blob.size} bytes, not ${size} as it says.`,
      )
    return blob.path
  }

  async document(descriptor: Descriptor, what: string): Promise<Buffer> {
    const path = this.file(descriptor, what)
    refuseLarge(descriptor.size, what)
    return readFile(path)
  }

  /** Hands the file of a blob over for good. */
  async release(digest: string, take: (file: string) => Promise<void>): Promise<void> {
    const blob = this.#blobs.get(digest)
    if (!blob) throw new Error(`Blob ${digest} was not sent.`)
    await take(blob.path)
    this.#blobs.delete(digest)
  }

  /** Removes what was not taken into the store. */
  async discard(): Promise<void> {
    for (const { path } of this.#blobs.values()) await rm(path, { force: true })
  }

  async #take(entry: Entry): Promise<void> {
    const { name, type, size = 0 } = entry.header
    const path = entryPath(name)
    this.#announce(size ?? 0)
    if (path === 'manifest.json') this.#isDockerArchive = true
    if (type !== 'file' && type !== 'contiguous-file') return
    if (path === 'oci-layout' || path === 'index.json') {
      refuseLarge(size ?? 0, path)
      const chunks: Buffer[] = []
      for await (const chunk of entry) chunks.push(chunk as Buffer)
      this.#documents.set(path, Buffer.concat(chunks))
    }
    const digits = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1]
    if (digits !== undefined) await this.#takeBlob(`sha256:${digits}`, entry)
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes + DOCUMENTS + FRAMES)
      throw new ImageTooLarge(this.#bytes, this.#maxBytes)
  }

  /** Refuses what would be too much, before it comes. */
  #announce(bytes: number): void {
    this.#announced += bytes
    if (this.#announced > this.#maxBytes + DOCUMENTS) throw new ImageTooLarge(this.#announced, this.#maxBytes)
    if (++this.#entries > MOST_ENTRIES)
      throw new ImageRefused(
        `The archive has more than ${MOST_ENTRIES.toLocaleString('en')} files. An image layout has a few a layer.`,
      )
  }

  async #takeBlob(digest: string, entry: Entry): Promise<void> {
    if (this.has(digest))
      throw new ImageRefused(`Blob ${digest} appears twice in the archive. Make it again.`)
    const path = this.#temporaries.path()
    this.#blobs.set(digest, { path, size: entry.header.size ?? 0 })
    const hash = createHash('sha256')
    await using file = await open(path, 'wx', 0o600)
    for await (const chunk of entry) {
      hash.update(chunk as Buffer)
      await file.writeFile(chunk as Buffer)
    }
    if (`sha256:${hash.digest('hex')}` !== digest)
      throw new ImageRefused(
        `Blob ${digest} of the archive is damaged: its content has another digest. Make the archive again.`,
      )
  }
}

/** Hands the tar inside what somebody sends to `read`. What is wrong with either is an {@link ImageRefused}. */
export async function readArchive(
  archive: AsyncIterable<Uint8Array>,
  read: (tar: Readable) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const sent = Readable.from(whole(archive), { objectMode: false })
  sent.on('error', () => {})
  const stop = () => sent.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    const { through } = await decompress(sent)
    const passing = pipeline(sent, through).catch(() => {})
    await Promise.all([read(through), passing])
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ArchiveFault)) throw error
    throw new ImageRefused(`The archive cannot be used. ${error.message}`, { cause: error })
  } finally {
    signal.removeEventListener('abort', stop)
    sent.destroy()
  }
}

async function* whole(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* archive
  } catch (cause) {
    if (cause instanceof ImageRefused) throw cause
    throw new ArchiveFault('The upload ended before all of it was there. Upload it again.', { cause })
  }
}

function refuseLarge(size: number, what: string): void {
  if (size > LARGEST_DOCUMENT)
    throw new ImageRefused(`The archive's ${what} has ${size} bytes; it may have ${LARGEST_DOCUMENT}.`)
}
