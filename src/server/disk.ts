import type { Collector } from '../artifacts/collector.ts'
import type { App } from '../core/app.ts'
import { type AppBytes, type Disk, refusal, relief, shortage, staleCaches } from '../core/disk.ts'
import { hours, type Instant, minutes } from '../core/time.ts'
import { bytesOfApps } from './app-bytes.ts'
import { buildCaches, noteUse } from './build-caches.ts'
import { DiskUse } from './disk-use.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'

const LOOK_EVERY = hours(1)
const COMPACT_EVERY = hours(6)
/** What was just tried in vain is not tried again at once: everybody who builds would wait for it. */
const VAIN_FOR = minutes(1)

export interface DiskWatchContext {
  storage: Storage
  collector: Collector
  /** Bytes; null for as much as there is. */
  budget: number | null
  /** Answers false when a build has begun to work in it. */
  dropBuildCache: (appId: string) => Promise<boolean>
  clock: () => Instant
  /** Milliseconds of a clock that nobody sets. */
  monotonic: () => number
  onTrouble: (trouble: { appId?: string; doing: string; error: unknown }) => void
}

type Shortage = ReturnType<typeof shortage>

/** Says what the platform takes on disk, and sees to it that there is room: caches go first, then what policies allow. */
export class DiskWatch {
  readonly #context: DiskWatchContext
  readonly #use: DiskUse
  readonly #abort = new AbortController()
  /** What is done by the clock, under way. */
  readonly #running = new Map<string, Promise<void>>()
  /** Apps whose build caches could not be removed when it was last tried: that was told. */
  readonly #stuck = new Set<string>()
  #relieving: Promise<Shortage> | undefined
  #vainAt: number | undefined

  constructor(context: DiskWatchContext) {
    this.#context = context
    this.#use = new DiskUse(context.storage.paths.root, context.monotonic)
  }

  start(parts: Stack): void {
    const timers = [
      setInterval(() => this.#begin('look after the disk', () => this.look()), LOOK_EVERY),
      setInterval(() => this.#begin('compact repositories', () => this.compact()), COMPACT_EVERY),
    ]
    parts.push(async () => {
      for (const timer of timers) clearInterval(timer)
      await this.close()
    })
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await Promise.all([...this.#running.values(), this.#relieving])
  }

  async disk(): Promise<Disk & { budget: number | null }> {
    return { ...(await this.#use.now()), budget: this.#context.budget }
  }

  /** Why nothing can be built now, and what to do, once all that may go has gone; undefined while there is room. */
  async refusal(): Promise<string | undefined> {
    const short = await this.#shortage()
    const still = short && (await this.#relieve(short))
    return still && refusal(still.why)
  }

  /** What each of these apps takes. */
  apps(apps: readonly App[]): Promise<AppBytes[]> {
    return bytesOfApps(this.#context, apps)
  }

  /** Drops what is not used any more, and makes room when there is too little. */
  async look(): Promise<void> {
    const { storage, clock } = this.#context
    const caches = await buildCaches(storage, clock())
    // Noted by a clock that was set back since: from now on it grows old.
    for (const { appId, unusedFor } of caches) if (unusedFor < 0) await noteUse(storage, appId, clock())
    if (await this.#ageCounts()) for (const appId of staleCaches(caches)) await this.#drop(appId)
    const short = await this.#shortage()
    if (short) await this.#relieve(short)
  }

  /** Compacts all repositories, one after another; trouble with one is told and does not keep the others from it. */
  async compact(): Promise<void> {
    const { storage, onTrouble } = this.#context
    const { signal } = this.#abort
    for (const { id } of await storage.ledger.read.apps.list()) {
      if (signal.aborted) return
      await storage.repositories
        .compact(id, { signal, prunes: await this.#ageCounts() })
        .catch(error => onTrouble({ appId: id, doing: 'compact a repository', error }))
    }
  }

  #begin(doing: string, work: () => Promise<void>): void {
    if (this.#running.has(doing)) return
    const { onTrouble } = this.#context
    const done = work()
      .catch(error => onTrouble({ doing, error }))
      .finally(() => this.#running.delete(doing))
    this.#running.set(doing, done)
  }

  /** A clock that was set would make everything old. */
  async #ageCounts(): Promise<boolean> {
    const { collector, onTrouble } = this.#context
    return collector.ageCountsAgainAt().then(
      again => again === null,
      error => {
        onTrouble({ doing: 'look at the clock', error })
        return false
      },
    )
  }

  /** Without a budget, what the platform takes need not be known to tell whether there is room. */
  async #shortage(): Promise<Shortage> {
    const { budget } = this.#context
    if (budget !== null) return shortage(await this.#use.near(budget), budget)
    return shortage({ ...(await this.#use.room()), used: 0 }, null)
  }

  /** Answers what is short afterwards, whatever came of it. Whoever comes at the same time waits for the same. */
  async #relieve(short: NonNullable<Shortage>): Promise<Shortage> {
    if (this.#vainAt !== undefined && this.#context.monotonic() - this.#vainAt < VAIN_FOR) return short
    this.#relieving ??= this.#relieved(short).finally(() => {
      this.#relieving = undefined
    })
    return this.#relieving
  }

  async #relieved({ bytes }: NonNullable<Shortage>): Promise<Shortage> {
    const { onTrouble, monotonic } = this.#context
    await this.#makeRoom(bytes).catch(error => onTrouble({ doing: 'make room on the disk', error }))
    const still = await this.#shortage()
    this.#vainAt = still && monotonic()
    return still
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { storage, collector, clock } = this.#context
    let caches = await buildCaches(storage, clock())
    for (let missing = bytes; !this.#abort.signal.aborted; ) {
      const {
        caches: [next],
        sweep,
      } = relief(missing, caches)
      if (next === undefined) return sweep ? collector.sweepAll() : undefined
      const freed = caches.find(({ appId }) => appId === next)?.bytes ?? 0
      caches = caches.filter(({ appId }) => appId !== next)
      // What one that stays was to free has to come from the others.
      if (await this.#drop(next)) missing -= freed
    }
  }

  /** Whether it is gone. One that cannot be removed keeps no other from it, and is told of once. */
  async #drop(appId: string): Promise<boolean> {
    try {
      const isGone = await this.#context.dropBuildCache(appId)
      this.#stuck.delete(appId)
      return isGone
    } catch (error) {
      if (!this.#stuck.has(appId)) this.#context.onTrouble({ appId, doing: 'remove a build cache', error })
      this.#stuck.add(appId)
      return false
    }
  }
}
