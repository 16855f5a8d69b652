import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { extract, type Header } from 'tar-stream'

/** A file of an archive, put aside until it is known what it is for. */
export interface Spooled {
  path: string
  digest: string
  size: number
  /** How it is packed, for a layer. */
  packing: 'tar' | 'tar+gzip' | 'tar+zstd'
}

/** There is more in an archive than was allowed for. */
export class ArchiveTooLarge extends Error {
  override readonly name = 'ArchiveTooLarge'
  /** Bytes until then. */
  readonly size: number

  constructor(size: number, maxBytes: number) {
    super(`The archive of the image takes more than ${maxBytes} bytes.`)
    this.size = size
  }
}

export interface SpoolOptions {
  /** An empty directory. */
  directory: string
  /** Bytes it may take on the disk. */
  maxBytes: number
}

/** The level at which the store packs its own layers: the same tar is the same blob. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

/**
 * The archive of an image, as an engine exports it (`docker save`) or as an OCI image layout, on the disk: what says
 * which file is what may come last. Layers that are not packed are packed on the way.
 */
export class Spool {
  readonly #directory: string
  readonly #files = new Map<string, Spooled>()
  readonly #links = new Map<string, string>()
  readonly #maxBytes: number
  #bytes = 0

  private constructor({ directory, maxBytes }: SpoolOptions) {
    this.#directory = directory
    this.#maxBytes = maxBytes
  }

  /** Throws {@link ArchiveTooLarge} as soon as there is too much. */
  static async fill(archive: Readable, options: SpoolOptions, signal: AbortSignal): Promise<Spool> {
    const spool = new Spool(options)
    await spool.#fill(archive, signal)
    return spool
  }

  async #fill(archive: Readable, signal: AbortSignal): Promise<void> {
    const entries = extract()
    const piped = pipeline(archive, entries, { signal }).then(
      () => undefined,
      (error: unknown) => error,
    )
    try {
      for await (const entry of entries) await this.#add(entry.header, entry)
    } catch (error) {
      entries.destroy()
      archive.destroy()
      await piped
      signal.throwIfAborted()
      throw error
    }
    const fault = await piped
    if (fault !== undefined) throw fault
  }

  /** The file of that name, or the one to which a link of that name leads. */
  find(name: string): Spooled {
    const found = this.#files.get(this.#links.get(name) ?? name)
    if (!found) throw new Error(`The archive of the image lacks ${name}.`)
    return found
  }

  async readJson(name: string): Promise<unknown> {
    return JSON.parse(await readFile(this.find(name).path, 'utf8'))
  }

  async #add({ name, type, linkname }: Header, content: AsyncIterable<unknown>): Promise<void> {
    if (type === 'symlink') this.#links.set(name, join(name, '..', linkname ?? ''))
    if (type !== 'file') return
    const path = join(this.#directory, `file-${this.#files.size}`)
    const { first, whole } = await peeked(content)
    const packing = packingOf(first)
    const written = { hash: createHash('sha256'), size: 0 }
    const count = (chunk: Buffer): Buffer => {
      written.hash.update(chunk)
      written.size += chunk.length
      this.#bytes += chunk.length
      if (this.#bytes > this.#maxBytes) throw new ArchiveTooLarge(this.#bytes, this.#maxBytes)
      return chunk
    }
    await pipeline(
      Readable.from(inPieces(whole)),
      packing === 'tar' && isTar(first) ? createZstdCompress(ZSTD) : new PassThrough(),
      async function* (bytes: AsyncIterable<Buffer>) {
        for await (const chunk of bytes) yield count(chunk)
      },
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    )
    this.#files.set(name, {
      path,
      digest: `sha256:${written.hash.digest('hex')}`,
      size: written.size,
      packing: packing === 'tar' ? 'tar+zstd' : packing,
    })
  }
}

const PIECE = 256 * 1024

/**
 * The same bytes in pieces of one size. What zstd makes of them depends on how they come, and the same layer is to be
 * the same blob, however the engine sent it.
 */
async function* inPieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = []
  let size = 0
  for await (const chunk of content) {
    pending.push(chunk)
    size += chunk.length
    if (size < PIECE) continue
    const whole = Buffer.concat(pending)
    const end = size - (size % PIECE)
    for (let at = 0; at < end; at += PIECE) yield whole.subarray(at, at + PIECE)
    pending = [whole.subarray(end)]
    size -= end
  }
  if (size > 0) yield Buffer.concat(pending)
}

const BLOCK = 512

/** Reads as much of a stream as it takes to tell what it is. */
async function peeked(
  content: AsyncIterable<unknown>,
): Promise<{ first: Buffer; whole: AsyncIterable<Buffer> }> {
  const source = content[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const chunks: Buffer[] = []
  for (let size = 0; size < BLOCK; ) {
    const { value, done } = await source.next()
    if (done) break
    chunks.push(value)
    size += value.length
  }
  const first = Buffer.concat(chunks)
  async function* whole(): AsyncGenerator<Buffer> {
    yield first
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
  }
  return { first, whole: whole() }
}

function packingOf(first: Buffer): Spooled['packing'] {
  if (first.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'tar+gzip'
  if (first.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return 'tar+zstd'
  return 'tar'
}

/** A tar says so, but for an empty one, which is all zeros. The other files are documents. */
function isTar(first: Buffer): boolean {
  const block = first.subarray(0, BLOCK)
  return (
    block.length === BLOCK &&
    (block.toString('latin1', 257, 262) === 'ustar' || block.every(byte => byte === 0))
  )
}
