import { setTimeout as after } from 'node:timers/promises'
import type { Duration } from '../../../core/time.ts'

const FIRST_PAUSE: Duration = 100
const LONGEST_PAUSE: Duration = 5000

/** Has what was lost made good again: at once, then after growing pauses, until it holds or is no longer wanted. */
export class Watch {
  readonly #heal: () => Promise<void>
  readonly #trouble: (error: Error) => void
  readonly #over = new AbortController()
  #isHealing = false

  constructor(heal: () => Promise<void>, trouble: (error: Error) => void) {
    this.#heal = heal
    this.#trouble = trouble
  }

  lost(): void {
    if (!this.#isHealing) void this.#makeGood()
  }

  close(): void {
    this.#over.abort()
  }

  async #makeGood(): Promise<void> {
    const { signal } = this.#over
    let hasTold = false
    this.#isHealing = true
    for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      try {
        await this.#heal()
        break
      } catch (error) {
        if (!hasTold && !signal.aborted) this.#trouble(error as Error)
        hasTold = true
        await after(pause, undefined, { signal, ref: false }).catch(() => {})
      }
    }
    this.#isHealing = false
  }
}
