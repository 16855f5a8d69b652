import { mkdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** The apps' build caches, one directory an app. */
export class BuildCaches {
  readonly #directory: string
  /** Apps whose builds work in their caches. */
  readonly #used = new Set<string>()
  readonly #removing = new Map<string, Promise<void>>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Lets a build work in its app's cache; builds of one app come one after another. One that is being removed is waited for. */
  async use<T>(appId: string, work: (cache: string) => Promise<T>): Promise<T> {
    this.#used.add(appId)
    try {
      await this.#removing.get(appId)?.catch(() => {})
      const cache = join(this.#directory, appId)
      await mkdir(cache, { recursive: true, mode: 0o711 })
      // The cache that was not used for longest goes first when the disk is full.
      await utimes(cache, new Date(), new Date())
      return await work(cache)
    } finally {
      this.#used.delete(appId)
    }
  }

  /** Removes an app's cache, unless a build works in it. Answers whether it did. */
  async drop(appId: string): Promise<boolean> {
    if (this.#used.has(appId)) return false
    await this.purge(appId)
    return true
  }

  /** Removes an app's cache in any case. */
  async purge(appId: string): Promise<void> {
    const removing = rm(join(this.#directory, appId), { recursive: true, force: true })
    this.#removing.set(appId, removing)
    await removing.finally(() => this.#removing.delete(appId))
  }
}
