import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { diskBytes } from './disk-bytes.ts'

/** Names for files and directories that are not finished yet. Each carries the process that makes it. */
export class Temporaries {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** A path nobody else has. */
  path(): string {
    return join(this.#directory, `${process.pid}-${randomBytes(8).toString('hex')}`)
  }

  /** Bytes of what is not finished. */
  bytes(): Promise<number> {
    return diskBytes(this.#directory)
  }

  /** Removes what processes that are gone left behind. To be called before this process makes any. */
  async clear(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const pid = Number(name.split('-')[0])
      if (pid === process.pid || !isAlive(pid))
        await rm(join(this.#directory, name), { recursive: true, force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
