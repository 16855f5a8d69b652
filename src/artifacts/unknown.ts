import { readFile } from 'node:fs/promises'
import { type Duration, hours } from '../core/time.ts'
import { writeDurably } from '../files/durable.ts'
import { deleteFile, unlessMissing } from '../files/missing.ts'

/** An image that the ledger does not know is kept for so long: the ledger may be the wrong one. */
const KEPT_FOR = hours(24)

/**
 * For how long the ledger has not known images, over restarts. It is written beside the images rather than in the ledger:
 * as soon as the right ledger is back, it is forgotten for all. Only time in which the platform ran counts, by a clock
 * that nobody sets: while it is stopped, nobody can notice what ledger it has.
 */
export class UnknownImages {
  readonly #file: string
  /** By digest. */
  #times: ReadonlyMap<string, Duration> | undefined
  #lookedAt = 0
  #written: string | undefined

  constructor(file: string) {
    this.#file = file
  }

  /** Notes which images the ledger does not know `now`, by the monotonic clock. Answers those that have been kept for long enough. */
  async look(digests: readonly string[], now: Duration): Promise<string[]> {
    const times = this.#times ? this.#later(now) : await this.#read()
    this.#times = new Map(digests.map(digest => [digest, times.get(digest) ?? 0]))
    this.#lookedAt = now
    return digests.filter(digest => (this.#times?.get(digest) ?? 0) >= KEPT_FOR)
  }

  /** Writes down what is known `now`, for those who come after a restart. */
  async save(now: Duration): Promise<void> {
    if (!this.#times) return
    const content = JSON.stringify(Object.fromEntries(this.#later(now)))
    if (content === this.#written) return
    if (this.#times.size === 0) await deleteFile(this.#file)
    else await writeDurably(this.#file, content)
    this.#written = content
  }

  #later(now: Duration): Map<string, Duration> {
    const passed = now - this.#lookedAt
    return new Map([...(this.#times ?? [])].map(([digest, time]) => [digest, time + passed]))
  }

  /** What cannot be read is begun anew: too much is kept. */
  async #read(): Promise<Map<string, Duration>> {
    try {
      const found: unknown = JSON.parse((await unlessMissing(readFile(this.#file, 'utf8'))) ?? '{}')
      return new Map(
        Object.entries(found ?? {}).flatMap(([digest, time]) =>
          typeof time === 'number' && time >= 0 ? [[digest, time] as const] : [],
        ),
      )
    } catch (error) {
      if (error instanceof SyntaxError) return new Map()
      throw error
    }
  }
}
