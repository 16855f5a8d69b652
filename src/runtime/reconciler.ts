import type { LedgerEvent } from '../ledger/events.ts'
import { AppLoop } from './app-loop.ts'
import type { RuntimeContext } from './context.ts'

/** How often everything is looked at again, whether or not anything was heard. */
const RESYNC_EVERY = 15_000

/** Makes what runs be what the ledger says: one loop an app, woken by the ledger and by the driver. */
export class Reconciler {
  readonly #context: RuntimeContext
  readonly #loops = new Map<string, AppLoop>()
  readonly #stops: (() => void)[] = []
  #resyncing: Promise<void> = Promise.resolve()

  constructor(context: RuntimeContext) {
    this.#context = context
  }

  /** Adopts what runs already and looks after every app from now on. Resolves once every app was told to the router. */
  async start(): Promise<void> {
    const { ledger, driver } = this.#context
    this.#stops.push(ledger.onCommit(events => this.#heard(events)))
    this.#stops.push(driver.watch(dyno => this.#loop(dyno.appId).see(dyno)))
    await this.#resync()
    const timer = setInterval(() => {
      this.#resyncing = this.#resync().catch(error =>
        this.#context.onTrouble({ appId: '', doing: 'resync', error }),
      )
    }, RESYNC_EVERY)
    this.#stops.push(() => clearInterval(timer))
    await this.#routeBlank()
    await Promise.all([...this.#loops.values()].map(loop => loop.told()))
  }

  /** Stops looking; what runs goes on running. */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#resyncing
    await Promise.all([...this.#loops.values()].map(loop => loop.close()))
  }

  /** Resolves once nothing is left to do for the app but wait. */
  async settled(appId: string): Promise<void> {
    await this.#loops.get(appId)?.settled()
  }

  #heard(events: readonly LedgerEvent[]): void {
    // A release of an app without code has nothing to run.
    const telling = events.filter(event => event.data.hasCode !== false)
    for (const appId of new Set(telling.map(event => event.appId))) {
      if (appId !== null) this.#loop(appId).wake()
    }
  }

  /** Apps without code need no looking after, only a page that says so. */
  async #routeBlank(): Promise<void> {
    for (const { id: appId, name, maintenance } of await this.#context.ledger.read.apps.list()) {
      if (this.#loops.has(appId)) continue
      this.#context.routing.route({ appId, name, maintenance, answering: 'blank', targets: [] })
    }
  }

  async #resync(): Promise<void> {
    const { ledger, driver } = this.#context
    const alive = await ledger.read.releases.appsAlive()
    const recorded = await ledger.read.dynos.apps()
    for (const loop of this.#loops.values()) loop.listing()
    const observed = Map.groupBy(await driver.list(), dyno => dyno.appId)
    for (const appId of new Set([...alive, ...recorded, ...observed.keys()])) {
      this.#loop(appId).seeAll(observed.get(appId) ?? [])
    }
  }

  #forget(appId: string): void {
    this.#loops.delete(appId)
    this.#context.onGone(appId)
  }

  #loop(appId: string): AppLoop {
    let loop = this.#loops.get(appId)
    if (!loop) {
      loop = new AppLoop(appId, this.#context, () => this.#forget(appId))
      this.#loops.set(appId, loop)
    }
    return loop
  }
}
