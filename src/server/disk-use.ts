import { statfs } from 'node:fs/promises'
import { type Disk, mayBeOver } from '../core/disk.ts'
import { minutes } from '../core/time.ts'
import { bytesOf } from '../files/bytes-of.ts'

/** Walking through all files takes a while. */
const COUNT_HOLDS = minutes(1)

/** What is on the disk of the data directory, and how much of it is ours. */
export class DiskUse {
  readonly #root: string
  readonly #monotonic: () => number
  #counted: (Disk & { at: number }) | undefined
  #counting: Promise<Disk> | undefined

  constructor(root: string, monotonic: () => number) {
    this.#root = root
    this.#monotonic = monotonic
  }

  async room(): Promise<Pick<Disk, 'total' | 'free'>> {
    const { bsize, blocks, bavail } = await statfs(this.#root)
    return { total: blocks * bsize, free: bavail * bsize }
  }

  /** As good as now, to tell whether it is over the budget: what was counted holds while it cannot be near it. */
  async near(budget: number): Promise<Disk> {
    const room = await this.room()
    const counted = this.#counted
    const isRecent = counted && this.#monotonic() - counted.at < COUNT_HOLDS
    return isRecent && !mayBeOver(budget, counted, room.free) ? { ...counted, ...room } : this.now()
  }

  /** Whoever asks while it is being counted waits for the same answer. */
  now(): Promise<Disk> {
    this.#counting ??= this.#count().finally(() => {
      this.#counting = undefined
    })
    return this.#counting
  }

  async #count(): Promise<Disk> {
    // Before: what is written meanwhile may be in what is counted or not.
    const room = await this.room()
    const used = await bytesOf(this.#root)
    this.#counted = { ...room, used, at: this.#monotonic() }
    return { ...(await this.room()), used }
  }
}
