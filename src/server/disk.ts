import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Collector } from '../artifacts/collector.ts'
import { weigh } from '../artifacts/usage.ts'
import type { App } from '../core/app.ts'
import { type AppBytes, type Disk, refusal, relief, shortage, staleCaches } from '../core/disk.ts'
import { hours, minutes } from '../core/time.ts'
import { buildCaches } from './build-caches.ts'
import { bytesOf } from './bytes-of.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

const LOOK_EVERY = hours(1)
const COMPACT_EVERY = hours(6)
/** Walking through all files takes a while. */
const USED_HOLDS = minutes(1)
const RELIEVE_EVERY = minutes(1)
const EVERYTHING = { after: '', limit: Number.MAX_SAFE_INTEGER }

export interface DiskWatchContext {
  storage: Storage
  collector: Collector
  /** Bytes; null for as much as there is. */
  budget: number | null
  purgeBuildCache: (appId: string) => Promise<void>
}

/** Says what the platform takes on disk, and sees to it that there is room: caches go first, then what policies allow. */
export class DiskWatch {
  readonly #context: DiskWatchContext
  readonly #abort = new AbortController()
  #used: { bytes: number; at: number } | undefined
  #relieved: { at: number; done: Promise<void> } | undefined

  constructor(context: DiskWatchContext) {
    this.#context = context
  }

  start(parts: Stack): void {
    const quietly = (doing: string, work: () => Promise<unknown>) => () =>
      void work().catch(error => report({ doing, error }))
    const timers = [
      setInterval(
        quietly('look after the disk', () => this.#look()),
        LOOK_EVERY,
      ),
      setInterval(
        quietly('compact repositories', () => this.#compact()),
        COMPACT_EVERY,
      ),
    ]
    parts.push(async () => {
      for (const timer of timers) clearInterval(timer)
      this.#abort.abort()
      await this.#relieved?.done
    })
  }

  async disk(): Promise<Disk & { budget: number | null }> {
    const { storage, budget } = this.#context
    const { bsize, blocks, bavail } = await statfs(storage.paths.root)
    return { total: blocks * bsize, free: bavail * bsize, used: await this.#usedBytes(), budget }
  }

  /** Why nothing can be built now, and what to do, once all that may go has gone; undefined while there is room. */
  async refusal(): Promise<string | undefined> {
    const short = await this.#shortage()
    if (!short) return undefined
    await this.#relieve(short.bytes)
    const still = await this.#shortage()
    return still && refusal(still.why)
  }

  /** What each of these apps takes. */
  async apps(apps: readonly App[]): Promise<AppBytes[]> {
    const { storage, collector } = this.#context
    const { ledger, store, repositories, paths } = storage
    const usage = await store.usage()
    const outputs = await buildOutputs(storage)
    const measured: AppBytes[] = []
    for (const { id } of apps) {
      const artifacts = await ledger.read.artifacts.alive(id, EVERYTHING)
      const images = artifacts.map(({ digest }) => digest)
      const elsewhere = await ledger.read.artifacts.usedElsewhere(id, images)
      measured.push({
        appId: id,
        releases: weigh(usage, images, elsewhere),
        repository: await repositories.size(id),
        buildCache: await bytesOf(join(paths.caches, id)),
        logs: (await bytesOf(join(paths.logs, id))) + (outputs.get(id) ?? 0),
        reclaimable: await collector.reclaimable(await collector.preview(id), usage),
      })
    }
    return measured
  }

  /** Without a budget, what the platform takes need not be known to tell whether there is room. */
  async #shortage() {
    const { storage, budget } = this.#context
    const { bsize, blocks, bavail } = await statfs(storage.paths.root)
    const used = budget === null ? 0 : await this.#usedBytes()
    return shortage({ total: blocks * bsize, free: bavail * bsize, used }, budget)
  }

  async #usedBytes(): Promise<number> {
    if (this.#used && performance.now() - this.#used.at < USED_HOLDS) return this.#used.bytes
    const bytes = await bytesOf(this.#context.storage.paths.root)
    this.#used = { bytes, at: performance.now() }
    return bytes
  }

  /**
   * What was just tried in vain is not tried again at once: everybody who builds would wait for it. Whether there is room
   * is looked at afterwards, whatever came of it.
   */
  async #relieve(bytes: number): Promise<void> {
    if (!this.#relieved || performance.now() - this.#relieved.at > RELIEVE_EVERY) {
      const done = this.#makeRoom(bytes).catch(error => report({ doing: 'make room on the disk', error }))
      this.#relieved = { at: performance.now(), done }
    }
    await this.#relieved.done
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { storage, collector, purgeBuildCache } = this.#context
    const { caches, sweep } = relief(bytes, await buildCaches(storage))
    for (const appId of caches) await purgeBuildCache(appId)
    if (sweep) await collector.sweepAll()
    this.#used = undefined
  }

  async #look(): Promise<void> {
    const { storage, purgeBuildCache } = this.#context
    for (const appId of staleCaches(await buildCaches(storage))) await purgeBuildCache(appId)
    const short = await this.#shortage()
    if (short) await this.#relieve(short.bytes)
  }

  async #compact(): Promise<void> {
    const { ledger, repositories } = this.#context.storage
    for (const { id } of await ledger.read.apps.list()) {
      if (this.#abort.signal.aborted) return
      await repositories.compact(id, { signal: this.#abort.signal, prunes: true })
    }
  }
}

/** Bytes of what builds printed, by app. */
async function buildOutputs({ ledger, transcripts }: Storage): Promise<Map<string, number>> {
  const sizes = await transcripts.sizes()
  const bytes = new Map<string, number>()
  for (const [build, appId] of await ledger.read.builds.appsOf([...sizes.keys()]))
    bytes.set(appId, (bytes.get(appId) ?? 0) + (sizes.get(build) ?? 0))
  return bytes
}
