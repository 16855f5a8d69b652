import { finishRelease } from '../actions/finish-release.ts'
import { recordDynos } from '../actions/record-dynos.ts'
import { replaceDyno } from '../actions/replace-dyno.ts'
import { DEFAULT_SETTINGS } from '../core/app.ts'
import type { Desired, Slot } from '../core/desired.ts'
import type { DynoState } from '../core/dyno.ts'
import { plan } from '../core/rollout.ts'
import type { Step } from '../core/step.ts'
import type { Instant } from '../core/time.ts'
import type { RuntimeContext } from './context.ts'
import { type AppView, readDesired } from './desired.ts'
import type { ObservedDyno } from './driver.ts'
import { judged } from './fingerprint.ts'
import { Observed } from './observed.ts'
import { differences } from './records.ts'
import { Retirement } from './retirement.ts'
import { routeOf } from './route.ts'
import { dynoSpec } from './spec.ts'

/** After something went wrong, when to look again. */
const RETRY_AFTER = 1000

/** States of dynos that were there when last written down. */
const ALIVE: readonly DynoState[] = ['starting', 'up', 'idle']

const NOTHING: Desired = {
  serving: null,
  rolling: null,
  isCommandStopAsked: false,
  standby: null,
  slots: new Map(),
  oneOffs: [],
  settings: DEFAULT_SETTINGS,
}

/** Looks after one app: reads what should be, asks the policy for the next steps, takes them, and looks again. */
export class AppLoop {
  readonly #appId: string
  readonly #context: RuntimeContext
  readonly #onGone: () => void
  readonly #observed: Observed
  readonly #retirement: Retirement
  readonly #abort = new AbortController()
  #view: AppView | undefined
  #isViewFresh = false
  /** Something happened that no pass has looked at yet. */
  #isAwake = false
  /** A pass is on its way: there is never a second one beside it. */
  #isAtWork = false
  #running: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #lastRoute = ''
  readonly #told = Promise.withResolvers<void>()

  constructor(appId: string, context: RuntimeContext, onGone: () => void) {
    this.#appId = appId
    this.#context = context
    this.#onGone = onGone
    this.#observed = new Observed()
    this.#retirement = new Retirement(appId, context, this.#abort.signal)
  }

  /** The ledger changed. */
  wake(): void {
    this.#isViewFresh = false
    this.#run()
  }

  see(dyno: ObservedDyno): void {
    this.#observed.see(dyno)
    this.#run()
  }

  /** The driver is about to be asked for its list: what is seen from now on is newer. */
  listing(): void {
    this.#observed.listing()
  }

  /** Takes the driver's whole list, which tells of dynos that vanished, too. */
  seeAll(dynos: readonly ObservedDyno[]): void {
    this.#observed.replace(dynos)
    this.wake()
  }

  /** Resolves once the router was told about the app, or there is nothing to tell. */
  told(): Promise<void> {
    return this.#told.promise
  }

  async settled(): Promise<void> {
    await this.#running
  }

  async close(): Promise<void> {
    this.#abort.abort()
    clearTimeout(this.#timer)
    await this.#running
    await this.#retirement.settled()
  }

  #run(): void {
    this.#isAwake = true
    if (this.#isAtWork) return
    this.#isAtWork = true
    this.#running = this.#settle()
  }

  /** Passes until a pass leaves nothing to do but wait. */
  async #settle(): Promise<void> {
    clearTimeout(this.#timer)
    let until: Instant | null = null
    while (this.#isAwake && !this.#abort.signal.aborted) {
      this.#isAwake = false
      try {
        until = await this.#pass()
      } catch (error) {
        if (this.#abort.signal.aborted) break
        this.#context.onTrouble({ appId: this.#appId, doing: 'reconcile', error })
        this.#isViewFresh = false
        until = this.#context.clock() + RETRY_AFTER
      } finally {
        this.#told.resolve()
      }
    }
    this.#isAtWork = false
    if (until !== null && !this.#abort.signal.aborted) {
      this.#timer = setTimeout(() => this.#run(), Math.max(1, until - this.#context.clock()))
    }
  }

  /** One look and the steps it asks for. Returns when to look again without being woken. */
  async #pass(): Promise<Instant | null> {
    const view = await this.#look()
    const observed = this.#observed.list()
    const steps = plan(view?.desired ?? NOTHING, judged(observed, view), this.#context.clock())
    const crashed: Slot[] = []
    for (const step of steps) {
      if (step.do === 'crashed') crashed.push(step.slot)
      else await this.#take(step, view)
      if (this.#abort.signal.aborted) return null
    }
    if (view) await this.#record(view, crashed)
    else if (observed.length === 0) this.#onGone()
    const waits = steps.flatMap(step => (step.do === 'wait' ? [step.until] : []))
    return waits.length > 0 ? Math.min(...waits) : null
  }

  async #look(): Promise<AppView | undefined> {
    if (!this.#isViewFresh) {
      this.#isViewFresh = true
      this.#view = await readDesired(this.#context.ledger, this.#appId, this.#context.settings)
    }
    return this.#view
  }

  async #take(step: Exclude<Step, { do: 'crashed' }>, view: AppView | undefined): Promise<void> {
    const { driver, ledger } = this.#context
    switch (step.do) {
      case 'start':
        if (view) await this.#start(step.dyno, view)
        return
      case 'route':
        // A destroyed app's name may be another app's by now, though its dynos are on their way out still.
        if (view) this.#route(step, view)
        else this.#context.routing.remove(this.#appId)
        return
      case 'retire':
        return this.#retire(step.dynoId, view)
      case 'replace':
        this.#drift(step.name, 'it runs something else than its release; another takes its place')
        await replaceDyno(ledger, this.#appId, step)
        return this.wake()
      case 'stop':
        if (step.why === 'boot-timeout') this.#logBootTimeout(step.dynoId, view)
        return driver.stop(step.dynoId, step.grace)
      case 'ended':
        return recordDynos(ledger, this.#appId, {
          appeared: [],
          changed: [{ id: step.dynoId, state: 'complete', exitStatus: step.exitStatus }],
          gone: [],
          crashed: [],
        })
      case 'forget':
        await driver.forget(step.dynoIds)
        this.#observed.forget(step.dynoIds)
        this.#isAwake = true
        return
      case 'succeed':
        // Only what the router really does counts as success.
        await this.#context.routing.applied(this.#abort.signal)
        await finishRelease(ledger, this.#appId, step.releaseId, { status: 'succeeded' })
        return
      case 'fail':
        await finishRelease(ledger, this.#appId, step.releaseId, {
          status: 'failed',
          phase: step.phase,
          reason: step.reason,
        })
        return
      case 'wait':
        return
      default:
        step satisfies never
    }
  }

  async #start(dyno: Extract<Step, { do: 'start' }>['dyno'], view: AppView): Promise<void> {
    const spec = dynoSpec(dyno, view)
    const isKnown = view.recorded.some(({ id, state }) => id === dyno.id && ALIVE.includes(state))
    if (isKnown && dyno.kind === 'formation')
      this.#drift(dyno.name, 'it is gone without a trace; it starts again')
    await this.#context.driver.start(spec)
    this.#observed.started(spec, this.#context.clock())
  }

  #retire(dynoId: string, view: AppView | undefined): void {
    const hasBegun = this.#retirement.begin(dynoId, view?.desired.settings ?? DEFAULT_SETTINGS)
    const dyno = this.#observed.get(dynoId)
    const isKnown = !view || view.recorded.some(({ id }) => id === dynoId)
    if (hasBegun && dyno && !isKnown) this.#drift(dyno.name, 'it runs and nobody asked for it; it is stopped')
  }

  #drift(dyno: string, what: string): void {
    this.#context.log(this.#appId, { source: 'heroku', dyno, text: `Drift: ${what}` })
  }

  #route(step: Extract<Step, { do: 'route' }>, view: AppView): void {
    const route = routeOf(step, view.app, this.#observed.list())
    const text = JSON.stringify(route)
    if (text === this.#lastRoute) return
    this.#lastRoute = text
    this.#retirement.spare(step.dynoIds)
    this.#context.routing.route(route)
    this.#told.resolve()
  }

  #logBootTimeout(dynoId: string, view: AppView | undefined): void {
    const dyno = this.#observed.get(dynoId)
    if (!dyno || !view) return
    const seconds = Math.round(view.desired.settings.bootTimeout / 1000)
    const text = `Error R10 (Boot timeout) -> Web process failed to bind to $PORT within ${seconds} seconds of launch`
    this.#context.log(this.#appId, { source: 'heroku', dyno: dyno.name, text })
  }

  async #record(view: AppView, crashed: readonly Slot[]): Promise<void> {
    const report = differences(this.#appId, view, this.#observed.list())
    const isEmpty = [report.appeared, report.changed, report.gone, crashed].every(list => list.length === 0)
    if (isEmpty) return
    await recordDynos(this.#context.ledger, this.#appId, { ...report, crashed })
    // What was written down without an event has to be read again.
    this.wake()
  }
}
