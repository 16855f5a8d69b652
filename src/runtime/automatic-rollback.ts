import { rollBackAutomatically } from '../actions/roll-back-automatically.ts'
import { DEFAULT_SETTINGS } from '../core/app.ts'
import { type Health, rollbackReason } from '../core/automatic-rollback.ts'
import type { Release } from '../core/release.ts'
import type { LedgerEvent } from '../ledger/events.ts'
import type { RuntimeContext } from './context.ts'

/** Answers of a release's dynos so far, as the router counted them. */
interface Tally {
  appId: string
  releaseId: string
  answers: number
  errors: number
}

type Context = Pick<RuntimeContext, 'ledger' | 'clock' | 'settings' | 'log' | 'onTrouble'>

const TELLING: readonly LedgerEvent['kind'][] = ['dyno:crash', 'release:update']

/**
 * Watches releases for a while after their cut-over, in apps that want it, and rolls back those that do badly. What it
 * counts is the router's and the ledger's: after a crash of ours it goes on from there.
 */
export class AutomaticRollback {
  readonly #context: Context
  /** By app and release. */
  readonly #tallies = new Map<string, Map<string, Tally>>()
  readonly #waiting = new Set<string>()
  readonly #stop: () => void
  #work: Promise<void> = Promise.resolve()
  #isOpen = true

  constructor(context: Context) {
    this.#context = context
    this.#stop = context.ledger.onCommit(events => {
      for (const { appId, kind } of events) {
        if (appId !== null && kind === 'app:destroy') this.#tallies.delete(appId)
        if (appId !== null && TELLING.includes(kind)) this.#consider(appId)
      }
    })
  }

  /** The router has counted further. */
  tallied(tallies: readonly Tally[]): void {
    for (const tally of tallies) {
      const ofApp = this.#tallies.get(tally.appId) ?? new Map<string, Tally>()
      this.#tallies.set(tally.appId, ofApp.set(tally.releaseId, tally))
      this.#consider(tally.appId)
    }
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.#stop()
    await this.#work
  }

  /** One app after another, and none twice at a time. */
  #consider(appId: string): void {
    if (this.#waiting.has(appId)) return
    this.#waiting.add(appId)
    this.#work = this.#work.then(async () => {
      this.#waiting.delete(appId)
      if (!this.#isOpen) return
      await this.#judge(appId).catch(error =>
        this.#context.onTrouble({ appId, doing: 'roll back automatically', error }),
      )
    })
  }

  async #judge(appId: string): Promise<void> {
    const { ledger, clock, settings: platform, log } = this.#context
    const app = await ledger.read.apps.byId(appId)
    if (!app) return
    const settings = { ...DEFAULT_SETTINGS, ...platform, ...app.settings }
    if (settings.autoRollbackWindow === 0) return
    const current = await ledger.read.releases.current(appId)
    if (current?.succeededAt == null || current.succeededAt + settings.autoRollbackWindow < clock()) return
    const previous = await ledger.read.releases.lastRun(appId, current.version)
    if (!previous) return
    this.#forget(appId, [previous, current])
    const since = current.succeededAt - settings.autoRollbackWindow
    const crashes = await ledger.read.events.crashes(appId, since)
    const health = (release: Release): Health => ({
      ...{ answers: 0, errors: 0, ...this.#tallies.get(appId)?.get(release.id) },
      crashes: crashes.get(release.id) ?? 0,
    })
    const why = rollbackReason({ before: health(previous), after: health(current) }, settings)
    if (why === undefined) return
    const release = await rollBackAutomatically(ledger, appId, { from: current.id, why })
    if (!release) return
    const text = `Automatic rollback to v${previous.version}: v${current.version} ${why}`
    log(appId, { source: 'app', dyno: 'api', text })
  }

  #forget(appId: string, kept: readonly Release[]): void {
    const ofApp = this.#tallies.get(appId)
    for (const releaseId of ofApp?.keys() ?? []) {
      if (!kept.some(release => release.id === releaseId)) ofApp?.delete(releaseId)
    }
  }
}
