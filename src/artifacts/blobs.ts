import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { moveDurably, writeDurably } from '../files/durable.ts'
import { deleteFile, isMissing } from '../files/missing.ts'
import type { Claim } from './claims.ts'
import { inBatches } from './in-batches.ts'
import type { BlobSize } from './store.ts'
import type { Temporaries } from './temporary.ts'
import { Witness } from './witness.ts'

/** Files named by the SHA-256 of their content: `blobs/sha256/…` of an OCI image layout. */
export class Blobs {
  readonly #directory: string
  readonly #temporaries: Temporaries
  readonly #witness = new Witness()
  readonly #reading = new Map<string, Promise<boolean>>()

  constructor(directory: string, temporaries: Temporaries) {
    this.#directory = directory
    this.#temporaries = temporaries
  }

  path(digest: string): string {
    return join(this.#directory, hex(digest))
  }

  /** Bytes of a blob; undefined when it is not there. */
  async size(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.path(digest))).size
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async read(digest: string): Promise<Buffer> {
    return readFile(this.path(digest))
  }

  async write(content: Buffer): Promise<{ digest: string; size: number }> {
    const digest = sha256(content)
    const stored = await this.read(digest).catch(() => undefined)
    if (!stored?.equals(content)) await writeDurably(this.path(digest), content, this.#temporaries.path())
    return { digest, size: content.length }
  }

  /**
   * Stores a stream. Past `maxBytes` nothing more is written to the disk, but the stream is read to its end: the size
   * returned is true, and `digest` is null. `claim` hears of the digest before the blob appears under it.
   */
  async writeStream(
    content: AsyncIterable<Buffer>,
    maxBytes: number,
    claim: Claim,
  ): Promise<{ digest: string | null; size: number }> {
    const temporary = this.#temporaries.path()
    const hash = createHash('sha256')
    let size = 0
    try {
      await using file = await open(temporary, 'wx', 0o600)
      for await (const chunk of content) {
        size += chunk.length
        if (size > maxBytes) continue
        hash.update(chunk)
        await file.writeFile(chunk)
      }
      await file.sync()
      if (size > maxBytes) return { digest: null, size }
      const digest = `sha256:${hash.digest('hex')}`
      await claim(digest)
      await moveDurably(temporary, this.path(digest))
      return { digest, size }
    } finally {
      await rm(temporary, { force: true })
    }
  }

  /** Makes a finished file, whose content was checked, the blob `digest`. */
  async adopt(file: string, digest: string): Promise<void> {
    await using handle = await open(file, 'r')
    await handle.sync()
    await moveDurably(file, this.path(digest))
  }

  /** Every blob's digest. */
  async list(): Promise<readonly string[]> {
    return (await readdir(this.#directory)).map(name => `sha256:${name}`)
  }

  /** Bytes of all blobs together. */
  async bytes(): Promise<number> {
    const sizes = await inBatches(await this.list(), digest => this.size(digest))
    return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0)
  }

  async delete(digest: string): Promise<void> {
    await deleteFile(this.path(digest))
    this.#witness.forget(digest)
  }

  /** What is wrong with a blob, as a sentence; undefined when nothing is. All of it is read when it is `deep`. */
  async fault({ digest, size }: BlobSize, deep: boolean): Promise<string | undefined> {
    const stored = await this.size(digest)
    if (stored === undefined) return `Blob ${digest} is missing.`
    if (stored !== size) return `Blob ${digest} has ${stored} bytes instead of ${size}.`
    if (!deep) return undefined
    const isRight = await this.#isRight(digest)
    return isRight ? undefined : `Blob ${digest} is damaged: its content has another digest.`
  }

  /** The same as a deep look, but nothing is read of a blob that was found right before and whose file is the same. */
  async change(blob: BlobSize): Promise<string | undefined> {
    return (await this.#witness.vouches(blob.digest, this.path(blob.digest)))
      ? undefined
      : this.fault(blob, true)
  }

  /** Reads a blob by `read`, which tells whether its digest was right, and remembers that. */
  async watch(digest: string, read: () => Promise<boolean>): Promise<boolean> {
    return this.#witness.watch(digest, this.path(digest), read)
  }

  /** Whoever wants to know the same at the same time waits for one answer. */
  #isRight(digest: string): Promise<boolean> {
    const running = this.#reading.get(digest) ?? this.watch(digest, () => this.#readsRight(digest))
    this.#reading.set(digest, running)
    return running.finally(() => this.#reading.delete(digest))
  }

  async #readsRight(digest: string): Promise<boolean> {
    const hash = createHash('sha256')
    const file = createReadStream(this.path(digest), { highWaterMark: 256 * 1024 })
    for await (const chunk of file) hash.update(chunk)
    return `sha256:${hash.digest('hex')}` === digest
  }
}

export function sha256(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** The 64 digits of a digest. Throws when it is none, so that no other path can be made of it. */
export function hex(digest: string): string {
  const match = /^sha256:([0-9a-f]{64})$/.exec(digest)
  if (!match?.[1])
    throw new Error(`${JSON.stringify(digest)} is not a digest: expected sha256: and 64 hexadecimal digits.`)
  return match[1]
}
