import { chmod, constants, copyFile, mkdir, open, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'

type Entry = AsyncIterable<unknown> & { header: Header; resume(): unknown }

import { ArchiveFault, checkLink, entryPath } from './inside.ts'

export interface ExtractLimits {
  /** Files, directories and links together. */
  entries: number
  /** Bytes of all files together, unpacked. */
  bytes: number
}

export interface Extraction {
  into: string
  limits: ExtractLimits
  /** Whether links are to be checked: false only for layers we packed ourselves, whose links were checked then. */
  checkLinks: boolean
  signal: AbortSignal
}

/**
 * Unpacks a tar stream into an existing, empty directory. Modes become 0755 and 0644, owners and times are not taken
 * over: times are those of unpacking, so that servers which derive an ETag from them notice a new release.
 * Throws {@link ArchiveFault} for what must not be; what was written until then is the caller's to remove.
 */
export async function extractTar(tar: Readable, extraction: Extraction): Promise<void> {
  const entries = extract()
  // A stream that is ended from both sides may complain once more when nobody listens any longer.
  for (const stream of [tar, entries]) stream.on('error', () => {})
  const piped = pipeline(tar, entries, { signal: extraction.signal }).then(
    () => undefined,
    (error: unknown) => error,
  )
  const tree = new GrowingTree(extraction)
  try {
    for await (const entry of entries) await tree.add(entry)
    await tree.finish()
  } catch (error) {
    entries.destroy()
    await piped
    await tree.settle()
    extraction.signal.throwIfAborted()
    throw readable(error)
  }
  const fault = await piped
  if (fault !== undefined) throw readable(fault)
}

/** Files up to this size are written while the next are read. */
const SMALL = 1024 * 1024
const IN_FLIGHT = 16

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** The tree as far as it was unpacked. Links are made last, so that nothing is ever written through one. */
class GrowingTree {
  readonly #extraction: Extraction
  readonly #kinds = new Map<string, 'directory' | 'file' | 'link'>([['', 'directory']])
  readonly #links: { path: string; target: string }[] = []
  readonly #writing = new Set<Promise<void>>()
  #bytes = 0
  #fault: unknown

  constructor(extraction: Extraction) {
    this.#extraction = extraction
  }

  async add(entry: Entry): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault
    const header = entry.header
    const path = entryPath(header.name)
    if (header.type === 'directory') await this.#directory(path)
    else if (header.type === 'file' || header.type === 'contiguous-file') await this.#file(path, entry)
    else if (header.type === 'symlink') await this.#link(path, header.linkname ?? '')
    else if (header.type === 'link') await this.#hardLink(path, header)
    else
      throw new ArchiveFault(
        `${JSON.stringify(header.name)} is a ${header.type ?? 'thing of unknown type'}. Only files, directories and links can be part of an app.`,
      )
    entry.resume()
  }

  async finish(): Promise<void> {
    await this.settle()
    if (this.#fault !== undefined) throw this.#fault
    for (const { path, target } of this.#links) await symlink(target, join(this.#extraction.into, path))
  }

  async settle(): Promise<void> {
    await Promise.all(this.#writing)
  }

  async #directory(path: string): Promise<void> {
    const known = this.#kinds.get(path)
    if (known === 'directory') return
    if (known)
      throw new ArchiveFault(
        `${JSON.stringify(path)} appears twice in the archive, as a ${known} and as a directory.`,
      )
    await this.#directory(path.includes('/') ? dirname(path) : '')
    this.#claim(path, 'directory')
    const file = join(this.#extraction.into, path)
    await mkdir(file)
    // Whatever the umask says.
    await chmod(file, 0o755)
  }

  async #file(path: string, entry: Entry): Promise<void> {
    const size = entry.header.size ?? 0
    this.#count(size)
    await this.#directory(path.includes('/') ? dirname(path) : '')
    this.#claim(path, 'file')
    const target = {
      file: join(this.#extraction.into, path),
      mode: (entry.header.mode ?? 0) & 0o111 ? 0o755 : 0o644,
    }
    if (size > SMALL) return writeFrom(entry, target)
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    if (this.#writing.size >= IN_FLIGHT) await Promise.race(this.#writing)
    this.#start(writeFrom(chunks, target))
  }

  #start(writing: Promise<void>): void {
    const tracked = writing
      .catch((error: unknown) => {
        this.#fault ??= error
      })
      .finally(() => this.#writing.delete(tracked))
    this.#writing.add(tracked)
  }

  async #link(path: string, target: string): Promise<void> {
    if (this.#extraction.checkLinks) checkLink(path, target)
    await this.#directory(path.includes('/') ? dirname(path) : '')
    this.#claim(path, 'link')
    this.#links.push({ path, target })
  }

  /** A hard link becomes a copy: two names of one file would let one app file change with another. */
  async #hardLink(path: string, header: Header): Promise<void> {
    const original = entryPath(header.linkname ?? '')
    if (this.#kinds.get(original) !== 'file') {
      throw new ArchiveFault(
        `The link ${JSON.stringify(path)} leads to ${JSON.stringify(header.linkname)}, which is not a file of the archive before it.`,
      )
    }
    await this.#directory(path.includes('/') ? dirname(path) : '')
    this.#claim(path, 'file')
    await this.settle()
    const from = join(this.#extraction.into, original)
    await using file = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW)
    this.#count((await file.stat()).size)
    await copyFile(from, join(this.#extraction.into, path), constants.COPYFILE_EXCL)
  }

  #claim(path: string, kind: 'directory' | 'file' | 'link'): void {
    if (this.#kinds.has(path))
      throw new ArchiveFault(`${JSON.stringify(path)} appears twice in the archive. Make the archive anew.`)
    this.#kinds.set(path, kind)
    if (this.#kinds.size - 1 > this.#extraction.limits.entries) {
      throw new ArchiveFault(
        `The archive has more than ${this.#extraction.limits.entries.toLocaleString('en')} entries. Leave out what the app does not need, node_modules for example.`,
      )
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#extraction.limits.bytes) {
      throw new ArchiveFault(
        `The archive is larger than ${Math.round(this.#extraction.limits.bytes / 1e6)} MB unpacked. Leave out what the app does not need.`,
      )
    }
  }
}

async function writeFrom(
  chunks: AsyncIterable<unknown> | Iterable<unknown>,
  target: { file: string; mode: number },
): Promise<void> {
  await using file = await open(target.file, CREATE, target.mode)
  await file.chmod(target.mode)
  for await (const chunk of chunks) await file.writeFile(chunk as Buffer)
}

/** What the readers of gzip, zstd and tar say of a damaged archive, as one sentence. */
function readable(error: unknown): unknown {
  if (error instanceof ArchiveFault || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (/^E[A-Z]+$/.test(code) || error.name === 'AbortError') return error
  return new ArchiveFault(
    'The archive is damaged or cut short. Make it again (a tar, plain or compressed with gzip or zstd) and upload all of it.',
    { cause: error },
  )
}
