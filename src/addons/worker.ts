import { applyAddonChange } from '../actions/apply-addon-change.ts'
import { postponeAddon } from '../actions/finish-removal.ts'
import type { Addon } from '../core/addon.ts'
import { type Duration, hours, type Instant, seconds } from '../core/time.ts'
import type { LedgerEvent } from '../ledger/events.ts'
import type { AddonContext, Outcome } from './context.ts'
import { expireBackups } from './expiry.ts'
import { changePlan } from './plan-change.ts'
import { type Provider, ProviderRefusal, ProviderUnavailable } from './provider.ts'
import { provision } from './provisioning.ts'
import { remove } from './removal.ts'
import { rotate } from './rotation.ts'

const FIRST_PAUSE: Duration = seconds(2)
const LONGEST_PAUSE: Duration = hours(1)
const EXPIRE_EVERY: Duration = hours(1)
/** After something went wrong with looking itself. */
const LOOK_AGAIN: Duration = seconds(5)

/**
 * Does what the ledger says is to be done for add-ons, one step at a time for each: has them made, changed and taken
 * away. What fails is tried again, ever more seldom, and never forgotten: the ledger alone knows what is left.
 */
export class AddonWorker {
  readonly #context: AddonContext
  readonly #abort = new AbortController()
  readonly #running = new Map<string, { abort: AbortController; done: Promise<void> }>()
  /** When to look at an add-on that waits for somebody else. */
  readonly #waiting = new Map<string, Instant>()
  #isAwake = false
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #stops: (() => void)[] = []

  constructor(context: AddonContext) {
    this.#context = context
  }

  start(): void {
    this.#stops.push(this.#context.ledger.onCommit(events => this.#heard(events)))
    const expire = () =>
      void expireBackups(this.#context, this.#abort.signal).catch(error => this.#trouble('', error))
    const timer = setInterval(expire, EXPIRE_EVERY)
    this.#stops.push(() => clearInterval(timer))
    expire()
    this.#look()
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    clearTimeout(this.#timer)
    this.#abort.abort(new Error('The control plane is stopping.'))
    await this.#looking
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  #heard(events: readonly LedgerEvent[]): void {
    for (const { kind, data } of events) {
      if (kind === 'addon:destroy')
        this.#running.get(String(data.id))?.abort.abort(new Error('It is being destroyed.'))
    }
    // The end of a release may be what an add-on waits for.
    const isTelling = ({ kind }: LedgerEvent) =>
      kind.startsWith('addon:') || kind === 'release:update' || kind === 'app:destroy'
    if (!events.some(isTelling)) return
    this.#waiting.clear()
    this.#look()
  }

  #look(): void {
    this.#isAwake = true
    if (this.#abort.signal.aborted) return
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined
    })
  }

  async #lookAtAll(): Promise<void> {
    clearTimeout(this.#timer)
    let next = Number.POSITIVE_INFINITY
    while (this.#isAwake && !this.#abort.signal.aborted) {
      this.#isAwake = false
      try {
        next = await this.#pass()
      } catch (error) {
        this.#trouble('', error)
        next = this.#context.clock() + LOOK_AGAIN
      }
    }
    if (next === Number.POSITIVE_INFINITY || this.#abort.signal.aborted) return
    // A timer holds a number of milliseconds only so large.
    const pause = Math.min(Math.max(1, next - this.#context.clock()), LONGEST_PAUSE)
    this.#timer = setTimeout(() => this.#look(), pause)
  }

  /** Begins what is due. Returns when to look again without being woken. */
  async #pass(): Promise<Instant> {
    const { ledger, clock } = this.#context
    for (const change of await ledger.read.addonChanges.list()) await applyAddonChange(ledger, change)
    let next = Number.POSITIVE_INFINITY
    for (const addon of await ledger.read.addons.atWork()) {
      if (this.#running.has(addon.id)) continue
      const due = Math.max(addon.nextAttemptAt ?? 0, this.#waiting.get(addon.id) ?? 0)
      if (due > clock()) next = Math.min(next, due)
      else this.#begin(addon)
    }
    return next
  }

  #begin(addon: Addon): void {
    const abort = new AbortController()
    const signal = AbortSignal.any([this.#abort.signal, abort.signal])
    const done = this.#step(addon, signal).finally(() => {
      this.#running.delete(addon.id)
      this.#look()
    })
    this.#running.set(addon.id, { abort, done })
  }

  async #step(addon: Addon, signal: AbortSignal): Promise<void> {
    try {
      const provider = await this.#context.providerOf(addon.service)
      if (!provider)
        throw new ProviderUnavailable(
          `Nobody provides ${addon.service} any more. Register the service again.`,
        )
      const outcome = await stepOf(addon)(this.#context, addon, { provider, signal })
      if (outcome) this.#waiting.set(addon.id, outcome.lookAt)
    } catch (error) {
      if (!signal.aborted) await this.#postpone(addon, error)
    }
  }

  async #postpone(addon: Addon, error: unknown): Promise<void> {
    // A refusal to take something away is no end of it: what may be there is not forgotten.
    const isProviders = error instanceof ProviderUnavailable || error instanceof ProviderRefusal
    if (!isProviders) this.#trouble(addon.appId, error)
    const reason = isProviders ? error.message : 'The platform failed to do this; its log says why.'
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(addon.attempts, 20))
    const nextAttemptAt = this.#context.clock() + pause
    await postponeAddon(this.#context.ledger, addon, { reason, nextAttemptAt }).catch(fault => {
      this.#trouble(addon.appId, fault)
      this.#waiting.set(addon.id, nextAttemptAt)
    })
  }

  #trouble(appId: string, error: unknown): void {
    if (!this.#abort.signal.aborted) this.#context.onTrouble({ appId, doing: 'look after add-ons', error })
  }
}

type Step = (
  context: AddonContext,
  addon: Addon,
  call: { provider: Provider; signal: AbortSignal },
) => Promise<Outcome>

function stepOf(addon: Addon): Step {
  if (addon.state === 'provisioning') return provision
  if (addon.state === 'deprovisioning') return remove
  return addon.wantedPlan === null ? rotate : changePlan
}
