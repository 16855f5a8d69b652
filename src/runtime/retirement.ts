import type { AppSettings } from '../core/app.ts'
import type { RuntimeContext } from './context.ts'

/** Lets dynos that are no longer wanted finish their requests, and stops them then. */
export class Retirement {
  readonly #appId: string
  readonly #context: RuntimeContext
  readonly #signal: AbortSignal
  readonly #leaving = new Map<string, { done: Promise<void>; abort: AbortController }>()

  constructor(appId: string, context: RuntimeContext, signal: AbortSignal) {
    this.#appId = appId
    this.#context = context
    this.#signal = signal
  }

  /** Answers whether it began: does nothing for a dyno that is being retired already. */
  begin(dynoId: string, settings: Required<AppSettings>): boolean {
    if (this.#leaving.has(dynoId)) return false
    const abort = new AbortController()
    const done = this.#retire(dynoId, settings, abort.signal).finally(() => this.#leaving.delete(dynoId))
    this.#leaving.set(dynoId, { done, abort })
    return true
  }

  /** Dynos that get traffic again are not stopped, unless they have been already. */
  spare(dynoIds: readonly string[]): void {
    for (const dynoId of dynoIds) this.#leaving.get(dynoId)?.abort.abort()
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#leaving.values()].map(({ done }) => done))
  }

  async #retire(dynoId: string, settings: Required<AppSettings>, spared: AbortSignal): Promise<void> {
    const { routing, driver, onTrouble } = this.#context
    const trouble = (doing: string) => (error: unknown) => onTrouble({ appId: this.#appId, doing, error })
    try {
      const signal = AbortSignal.any([this.#signal, spared, AbortSignal.timeout(settings.shutdownGrace)])
      await routing.applied(signal)
      await routing.drained(dynoId, signal)
    } catch (error) {
      // Requests that outlast the grace are cut off with their dyno; a shutdown leaves the dyno to the next start.
      if (this.#signal.aborted || spared.aborted) return
      if (!(error instanceof Error && error.name === 'TimeoutError')) trouble('drain')(error)
    }
    if (spared.aborted) return
    await driver.stop(dynoId, settings.shutdownGrace).catch(trouble('stop'))
  }
}
