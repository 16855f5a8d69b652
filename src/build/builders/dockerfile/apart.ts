import { unlessAborted } from '../../../core/unless-aborted.ts'

/**
 * Keeps builds and the removal of their images apart: a build may be about to take a step from any image that nobody
 * seems to need. Builds run side by side; a removal takes a moment without any, and builds that come then wait for its end.
 */
export class Apart {
  #builds = 0
  #removal: Promise<void> | undefined
  #waiting: (() => void)[] = []

  /** Rejects with the signal's reason when it aborts before the build has begun. */
  async build<T>(build: () => Promise<T>, signal: AbortSignal): Promise<T> {
    while (this.#removal) await unlessAborted(this.#removal, signal)
    this.#builds++
    try {
      return await build()
    } finally {
      this.#builds--
      if (this.#builds === 0) for (const wake of this.#waiting.splice(0)) wake()
    }
  }

  /** Removes at the next moment without a build. */
  async remove(removal: () => Promise<void>): Promise<void> {
    while (this.#builds > 0 || this.#removal)
      await (this.#removal ?? new Promise<void>(resolve => void this.#waiting.push(resolve)))
    await this.#begin(removal)
  }

  /** Removes now, or not at all. */
  async removeIfIdle(removal: () => Promise<void>): Promise<void> {
    if (this.#builds === 0 && !this.#removal) await this.#begin(removal)
  }

  #begin(removal: () => Promise<void>): Promise<void> {
    const running = removal()
    const over = (): void => {
      this.#removal = undefined
    }
    this.#removal = running.then(over, over)
    return running
  }
}
