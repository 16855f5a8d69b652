import { dirname } from 'node:path'
import { ArchiveFault, checkTarget, entryPath } from './inside.ts'

/** What an archive may come to. All of it counts, whether anything is made of it or not: all of it takes time. */
export interface ExtractLimits {
  /** Everything in it, and directories that are not but have something in them. */
  entries: number
  /** Bytes of the archive, unpacked, and of files that another name of theirs makes copies of. */
  bytes: number
}

/** Bytes of the path and the target of an entry, on average: they are all in memory at once. */
const NAMES = 256

type Thing = { kind: 'directory' } | { kind: 'link' } | { kind: 'file'; bytes: number }

const DIRECTORY: Thing = { kind: 'directory' }
const LINK: Thing = { kind: 'link' }

/**
 * What the entries of an archive, as far as they were read, come to. It refuses with an {@link ArchiveFault} what must
 * not follow what came before: a name twice, a file below a link, more than the limits say.
 */
export class Shape {
  readonly #limits: ExtractLimits
  readonly #things = new Map<string, Thing>([['', DIRECTORY]])
  #entries = 0
  #bytes = 0
  #names = 0

  constructor(limits: ExtractLimits) {
    this.#limits = limits
  }

  get entries(): number {
    return this.#entries
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Counts bytes of the archive, as they come. */
  count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#limits.bytes) {
      throw new ArchiveFault(
        `The archive is larger than ${Math.round(this.#limits.bytes / 1e6)} MB unpacked. Leave out what the app does not need.`,
      )
    }
  }

  /** Counts an entry, whatever it is, and returns its path. What is made of it is told next. */
  entry({ name, linkname }: { name: string; linkname?: string | null | undefined }): string {
    this.#countEntries(1)
    this.#names += name.length + (linkname?.length ?? 0)
    if (this.#names > this.#limits.entries * NAMES) {
      throw new ArchiveFault(
        `The paths in the archive have more than ${Math.round((this.#limits.entries * NAMES) / 1e6)} MB together. Give files shorter names, or leave out what the app does not need.`,
      )
    }
    return entryPath(name)
  }

  /** Returns the directories that are new with this one, parents first. */
  directory(path: string): readonly string[] {
    if (this.#isDirectory(path)) return []
    const parents = this.#parents(path)
    this.#claim(path, DIRECTORY)
    return [...parents, path]
  }

  /** Returns the directories that are new above it, as the other kinds do. */
  file(path: string, bytes: number): readonly string[] {
    const parents = this.#parents(path)
    this.#claim(path, { kind: 'file', bytes })
    return parents
  }

  link(path: string, target: string): readonly string[] {
    checkTarget(path, target)
    const parents = this.#parents(path)
    this.#claim(path, LINK)
    return parents
  }

  /** Returns the file it is another name of, too. */
  hardLink(path: string, linkname: string): { original: string; parents: readonly string[] } {
    const original = entryPath(linkname)
    const thing = this.#things.get(original)
    if (thing?.kind !== 'file') {
      throw new ArchiveFault(
        `The link ${JSON.stringify(path)} leads to ${JSON.stringify(linkname)}, which is not a file of the archive before it.`,
      )
    }
    this.count(thing.bytes)
    return { original, parents: this.file(path, thing.bytes) }
  }

  #parents(path: string): readonly string[] {
    const parents: string[] = []
    for (let above = parentOf(path); !this.#isDirectory(above); above = parentOf(above)) parents.push(above)
    parents.reverse()
    for (const parent of parents) this.#claim(parent, DIRECTORY)
    this.#countEntries(parents.length)
    return parents
  }

  /** Throws for what is something else. */
  #isDirectory(path: string): boolean {
    const known = this.#things.get(path)?.kind
    if (known === undefined || known === 'directory') return known !== undefined
    throw new ArchiveFault(
      `${JSON.stringify(path)} appears twice in the archive, as a ${known} and as a directory.`,
    )
  }

  #claim(path: string, thing: Thing): void {
    if (this.#things.has(path))
      throw new ArchiveFault(`${JSON.stringify(path)} appears twice in the archive. Make the archive anew.`)
    this.#things.set(path, thing)
  }

  #countEntries(more: number): void {
    this.#entries += more
    if (this.#entries > this.#limits.entries) {
      throw new ArchiveFault(
        `The archive has more than ${this.#limits.entries.toLocaleString('en')} entries. Leave out what the app does not need, node_modules for example.`,
      )
    }
  }
}

function parentOf(path: string): string {
  return path.includes('/') ? dirname(path) : ''
}
