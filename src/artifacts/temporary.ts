import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { diskBytes } from './disk-bytes.ts'

/** Names for files and directories that are not finished yet. */
export class Temporaries {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** A path nobody else has. */
  path(): string {
    return join(this.#directory, randomBytes(16).toString('hex'))
  }

  /** Bytes of what is not finished. */
  bytes(): Promise<number> {
    return diskBytes(this.#directory)
  }

  /** Removes what a process that is gone left behind: one has the store at a time. To be called before this one makes any. */
  async clear(): Promise<void> {
    for (const name of await readdir(this.#directory))
      await rm(join(this.#directory, name), { recursive: true, force: true })
  }
}
