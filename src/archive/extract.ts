import { chmod, constants, copyFile, mkdir, open, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Entry, eachEntry } from './entries.ts'
import { checkLink, unknownKind } from './inside.ts'
import { type ExtractLimits, Shape } from './shape.ts'

export interface Extraction {
  into: string
  limits: ExtractLimits
  /** Whether links are to be checked: false where they were before, or will be. */
  checkLinks: boolean
  /** Says which entries to unpack, by their clean path; all unless told. */
  wants?: (path: string) => boolean
  signal: AbortSignal
}

/**
 * Unpacks a tar stream into an existing, empty directory. Modes become 0755 and 0644, owners and times are not taken
 * over: times are those of unpacking, so that servers which derive an ETag from them notice a new release.
 * Throws an ArchiveFault for what must not be; what was written until then is the caller's to remove.
 */
export async function extractTar(tar: Readable, extraction: Extraction): Promise<void> {
  const tree = new GrowingTree(extraction)
  try {
    await eachEntry(tar, {
      visit: entry => tree.add(entry),
      count: bytes => tree.count(bytes),
      signal: extraction.signal,
    })
    await tree.finish()
  } catch (error) {
    await tree.settle()
    throw error
  }
}

/** Files up to this size are written while the next are read. */
const SMALL = 1024 * 1024
const IN_FLIGHT = 16

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** The tree as far as it was unpacked. Links are made last, so that nothing is ever written through one. */
class GrowingTree {
  readonly #extraction: Extraction
  readonly #shape: Shape
  readonly #links: { path: string; target: string }[] = []
  readonly #writing = new Set<Promise<void>>()
  #fault: unknown

  constructor(extraction: Extraction) {
    this.#extraction = extraction
    this.#shape = new Shape(extraction.limits)
  }

  async add(entry: Entry): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault
    const { name, type, linkname } = entry.header
    const path = this.#shape.entry(entry.header)
    if (this.#extraction.wants?.(path) === false) return
    if (type === 'directory') await this.#make(this.#shape.directory(path))
    else if (type === 'file' || type === 'contiguous-file') await this.#file(path, entry)
    else if (type === 'symlink') await this.#link(path, linkname ?? '')
    else if (type === 'link') await this.#hardLink(path, linkname ?? '')
    else throw unknownKind(name, type)
  }

  count(bytes: number): void {
    this.#shape.count(bytes)
  }

  async finish(): Promise<void> {
    await this.settle()
    if (this.#fault !== undefined) throw this.#fault
    for (const { path, target } of this.#links) await symlink(target, join(this.#extraction.into, path))
  }

  async settle(): Promise<void> {
    await Promise.all(this.#writing)
  }

  async #make(directories: readonly string[]): Promise<void> {
    for (const path of directories) {
      const file = join(this.#extraction.into, path)
      await mkdir(file)
      // Whatever the umask says.
      await chmod(file, 0o755)
    }
  }

  async #file(path: string, entry: Entry): Promise<void> {
    const size = entry.header.size ?? 0
    await this.#make(this.#shape.file(path, size))
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
    const parents = this.#shape.link(path, target)
    if (this.#extraction.checkLinks) checkLink(path, target)
    await this.#make(parents)
    this.#links.push({ path, target })
  }

  /** A hard link becomes a copy: two names of one file would let one app file change with another. */
  async #hardLink(path: string, linkname: string): Promise<void> {
    const { original, parents } = this.#shape.hardLink(path, linkname)
    await this.#make(parents)
    await this.settle()
    if (this.#fault !== undefined) throw this.#fault
    const into = this.#extraction.into
    await copyFile(join(into, original), join(into, path), constants.COPYFILE_EXCL)
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
