import { setTimeout as after } from 'node:timers/promises'
import { expireReleases } from '../actions/expire-releases.ts'
import { previewRetention, type RetentionPreview } from '../actions/preview-retention.ts'
import type { RetentionContext } from '../actions/retention-scene.ts'
import { UserError } from '../core/errors.ts'
import { type ClockMark, isSteady, nextMark, steadyAgainAt } from '../core/steady-clock.ts'
import { hours, type Instant, minutes, seconds } from '../core/time.ts'
import type { LedgerEvent } from '../ledger/events.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Remains } from './remains.ts'
import type { ArtifactStore, StoreUsage } from './store.ts'
import { Turns } from './turns.ts'
import type { UnknownImages } from './unknown.ts'
import { weigh } from './usage.ts'

export interface CollectorContext {
  ledger: Ledger
  store: ArtifactStore
  remains: Remains
  unknown: UnknownImages
  /** The platform's policy and settings. */
  retention: Pick<RetentionContext, 'policy' | 'settings'>
  clock: () => Instant
  /** Milliseconds of a clock that nobody sets, and that counts what the machine sleeps where there is such a one. */
  monotonic: () => number
  onTrouble: (trouble: { appId?: string; doing: string; error: unknown }) => void
}

export interface Sweep {
  /** Ids of those that it expired. */
  releases: readonly string[]
  artifacts: number
  /** Freed. */
  bytes: number
}

const SWEEP_EVERY = hours(1)
/** Releases come in bursts: an app is swept so long after the first of them. */
const AFTER_RELEASE = seconds(5)
const SAVE_MARK_EVERY = minutes(10)
const CUT_SHORT =
  'The platform is being stopped, and the sweep was cut short. What it left is done when the platform starts again.'

/** Destroys artifacts by the retention policy: all apps by the hour, and an app after each release that succeeded. */
export class Collector {
  readonly #context: CollectorContext
  readonly #turns = new Turns()
  readonly #abort = new AbortController()
  readonly #waiting = new Map<string, Promise<void>>()
  #mark: { mark: ClockMark; at: number; savedAt: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #stopListening: () => void = () => {}

  constructor(context: CollectorContext) {
    this.#context = context
  }

  start(): void {
    this.#stopListening = this.#context.ledger.onCommit(events => this.#heard(events))
    this.#timer = setInterval(() => void this.sweepAll(), SWEEP_EVERY)
    void this.sweepAll()
  }

  async close(): Promise<void> {
    this.#stopListening()
    clearInterval(this.#timer)
    this.#abort.abort()
    await Promise.all(this.#waiting.values())
    const { unknown, monotonic } = this.#context
    await this.#turns
      .take(() => unknown.save(monotonic()))
      .catch(error => this.#trouble('remember unknown images', error))
  }

  /** What a sweep of the app would do. */
  async preview(appId: string): Promise<RetentionPreview> {
    return previewRetention(this.#context.ledger, appId, await this.#retention())
  }

  /** How many bytes such a sweep would free: of what is on disk, or was when `usage` was read. */
  async reclaimable({ digests }: RetentionPreview, usage?: StoreUsage): Promise<number> {
    return weigh(usage ?? (await this.#context.store.usage()), digests).own
  }

  /**
   * Sweeps an app now: what its policy no longer keeps is marked, and its bytes are deleted. Throws `service_unavailable`
   * when the collector is closed before it is done.
   */
  async sweep(appId: string): Promise<Sweep> {
    const { remains } = this.#context
    const { signal } = this.#abort
    try {
      return await this.#turns.take(async () => {
        // What was left before, by other apps too, is not what this sweep frees.
        await remains.collect(signal)
        const marked = await this.#expire(appId)
        return { ...marked, bytes: await remains.collect(signal) }
      })
    } catch (error) {
      if (error !== signal.reason) throw error
      throw new UserError('service_unavailable', CUT_SHORT)
    }
  }

  /** Sweeps all apps, one after another; trouble with one is reported and does not keep the others from it. */
  async sweepAll(): Promise<void> {
    await this.#turns.take(async () => {
      const { ledger, remains } = this.#context
      const apps = await ledger.read.apps
        .list()
        .catch(error => this.#trouble('list the apps to sweep', error) ?? [])
      for (const { id } of apps) {
        if (this.#abort.signal.aborted) return
        await this.#expire(id).catch(error => this.#trouble('sweep', error, id))
      }
      await remains.collect(this.#abort.signal).catch(error => this.#trouble('delete artifacts', error))
      await this.#collectUnknown().catch(error => this.#trouble('look for unknown images', error))
    })
  }

  /** When the age of releases counts again; null while it does. */
  async ageCountsAgainAt(): Promise<Instant | null> {
    return steadyAgainAt(await this.#look())
  }

  async #expire(appId: string): Promise<Omit<Sweep, 'bytes'>> {
    const context = await this.#retention()
    const sum = { releases: [] as string[], artifacts: 0 }
    let from: string | null = ''
    while (from !== null) {
      this.#abort.signal.throwIfAborted()
      const step = await expireReleases(this.#context.ledger, appId, { ...context, after: from })
      for (const id of step.releases) sum.releases.push(id)
      sum.artifacts += step.artifacts
      from = step.next
    }
    return sum
  }

  async #retention(): Promise<RetentionContext> {
    const mark = await this.#look()
    return { ...this.#context.retention, now: mark.wall, ageCounts: isSteady(mark) }
  }

  /** Looks at the clocks, and has the ledger remember it. */
  async #look(): Promise<ClockMark> {
    const { ledger, clock, monotonic } = this.#context
    const known = this.#mark ?? { mark: await ledger.read.clockMarks.last(), at: null, savedAt: null }
    const [wall, at] = [clock(), monotonic()]
    const mark = nextMark(known.mark, { wall, elapsed: known.at === null ? null : at - known.at })
    const isNews = known.savedAt === null || mark.steadySince !== known.mark?.steadySince
    const isToSave = isNews || at - (known.savedAt ?? 0) > SAVE_MARK_EVERY
    if (isToSave) await ledger.transactPlatform(tx => tx.clockMarks.save(mark))
    this.#mark = { mark, at, savedAt: isToSave ? at : (known.savedAt ?? at) }
    return mark
  }

  async #collectUnknown(): Promise<void> {
    const { ledger, store, remains, unknown, monotonic } = this.#context
    const digests = [...(await store.usage()).images.keys()]
    // What was destroyed and has its bytes again is not known either: who stored it came to nothing.
    const alive = await ledger.read.artifacts.aliveAmong(digests)
    const doomed = await unknown.look(
      digests.filter(digest => !alive.has(digest)),
      monotonic(),
    )
    if (doomed.length > 0) await remains.collectUnknown(doomed, this.#abort.signal)
    // Afterwards: on a full disk there is room for it now.
    await unknown.save(monotonic())
  }

  #heard(events: readonly LedgerEvent[]): void {
    for (const { kind, appId, data } of events) {
      if (kind !== 'release:update' || data.status !== 'succeeded' || data.hasCode !== true) continue
      if (appId === null || this.#waiting.has(appId)) continue
      this.#waiting.set(appId, this.#sweepSoon(appId))
    }
  }

  async #sweepSoon(appId: string): Promise<void> {
    await after(AFTER_RELEASE, undefined, { signal: this.#abort.signal, ref: false }).catch(() => {})
    this.#waiting.delete(appId)
    if (this.#abort.signal.aborted) return
    await this.sweep(appId).catch(error => this.#trouble('sweep', error, appId))
  }

  /** An app that was destroyed meanwhile is nobody's trouble, nor is being closed. */
  #trouble(doing: string, error: unknown, appId?: string): undefined {
    if (error instanceof UserError || error === this.#abort.signal.reason) return
    this.#context.onTrouble({ doing, error, ...(appId !== undefined && { appId }) })
  }
}
