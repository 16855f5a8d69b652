import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { moveDurably, writeDurably } from './durable.ts'
import type { Temporaries } from './temporary.ts'

/** Says that a blob is counted on, and must not be swept away. */
export type Claim = (digest: string) => void

/** Files named by the SHA-256 of their content: `blobs/sha256/…` of an OCI image layout. */
export class Blobs {
  readonly #directory: string
  readonly #temporaries: Temporaries

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
    if ((await this.size(digest)) !== content.length)
      await writeDurably(this.path(digest), content, this.#temporaries.path())
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
      claim(digest)
      await moveDurably(temporary, this.path(digest))
      return { digest, size }
    } finally {
      await rm(temporary, { force: true })
    }
  }

  /** Every blob's digest. */
  async list(): Promise<readonly string[]> {
    return (await readdir(this.#directory)).map(name => `sha256:${name}`)
  }

  /** Returns the bytes freed. */
  async delete(digest: string): Promise<number> {
    const size = (await this.size(digest)) ?? 0
    await rm(this.path(digest), { force: true })
    return size
  }

  /** What is wrong with a blob that should have `size` bytes, as a sentence; undefined when nothing is. */
  async fault(digest: string, size: number): Promise<string | undefined> {
    const stored = await this.size(digest)
    if (stored === undefined) return `Blob ${digest} is missing.`
    if (stored !== size) return `Blob ${digest} has ${stored} bytes instead of ${size}.`
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(this.path(digest))) hash.update(chunk)
    return `sha256:${hash.digest('hex')}` === digest
      ? undefined
      : `Blob ${digest} is damaged: its content has another digest.`
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

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
