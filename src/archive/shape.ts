import { dirname } from 'node:path'
import { ArchiveFault, checkTarget, entryPath } from './inside.ts'

export interface ExtractLimits {
  /** Files, directories and links together. */
  entries: number
  /** Bytes of all files together, unpacked. */
  bytes: number
}

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
  #bytes = 0

  constructor(limits: ExtractLimits) {
    this.#limits = limits
  }

  get entries(): number {
    return this.#things.size - 1
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Returns the directories that are new with this one, parents first. */
  directory(path: string): readonly string[] {
    const known = this.#things.get(path)?.kind
    if (known === 'directory') return []
    if (known)
      throw new ArchiveFault(
        `${JSON.stringify(path)} appears twice in the archive, as a ${known} and as a directory.`,
      )
    const parents = this.#parents(path)
    this.#claim(path, DIRECTORY)
    return [...parents, path]
  }

  /** Returns the directories that are new above it, as the other kinds do. */
  file(path: string, bytes: number): readonly string[] {
    this.#count(bytes)
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
    return { original, parents: this.file(path, thing.bytes) }
  }

  #parents(path: string): readonly string[] {
    return this.directory(path.includes('/') ? dirname(path) : '')
  }

  #claim(path: string, thing: Thing): void {
    if (this.#things.has(path))
      throw new ArchiveFault(`${JSON.stringify(path)} appears twice in the archive. Make the archive anew.`)
    this.#things.set(path, thing)
    if (this.entries > this.#limits.entries) {
      throw new ArchiveFault(
        `The archive has more than ${this.#limits.entries.toLocaleString('en')} entries. Leave out what the app does not need, node_modules for example.`,
      )
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#limits.bytes) {
      throw new ArchiveFault(
        `The archive is larger than ${Math.round(this.#limits.bytes / 1e6)} MB unpacked. Leave out what the app does not need.`,
      )
    }
  }
}
