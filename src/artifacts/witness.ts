import { stat } from 'node:fs/promises'

/** A change this soon after another can leave a file's times as they were. */
const GRANULARITY = 50

/**
 * Remembers, for as long as the process runs, what files looked like when their content was last found right. Size,
 * inode and times tell whether somebody wrote to one since.
 */
export class Witness {
  readonly #seen = new Map<string, string>()

  /** Whether the content was found right and the file is still the same. */
  async vouches(name: string, path: string): Promise<boolean> {
    const seen = this.#seen.get(name)
    return seen !== undefined && seen === (await looks(path))?.print
  }

  /** Lets `read` find out whether the content is right, and remembers it. */
  async watch(name: string, path: string, read: () => Promise<boolean>): Promise<boolean> {
    const look = await looks(path)
    const isRight = await read()
    if (isRight && look?.isSettled) this.#seen.set(name, look.print)
    else this.#seen.delete(name)
    return isRight
  }

  forget(name: string): void {
    this.#seen.delete(name)
  }
}

async function looks(path: string): Promise<{ print: string; isSettled: boolean } | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  if (!stats) return undefined
  const { ino, size, mtimeNs, ctimeNs, ctimeMs } = stats
  return {
    print: [ino, size, mtimeNs, ctimeNs].join(),
    isSettled: Date.now() - Number(ctimeMs) > GRANULARITY,
  }
}
