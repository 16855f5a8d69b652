import type { RouterErrorCode } from './errors.ts'
import type { Limits } from './limits.ts'
import type { RoutedApp, Target } from './table.ts'
import { LiveTarget, type TargetOwner } from './target.ts'

/** What to do with a request: send it to a dyno, refuse it, or hold it, and with which code if that lasts too long. */
export type Choice = { to: LiveTarget } | { refuse: RouterErrorCode } | { hold: RouterErrorCode }

/** A request that is held until its app has a dyno for it. */
export interface Held {
  /** Something has changed: choose again. */
  resume(): void
}

const REFUSALS = { blank: 'H81', 'scaled-down': 'H14', crashed: 'H10' } as const

/** One app as the router serves it. */
export class Route implements TargetOwner {
  app: RoutedApp
  readonly #limits: Limits
  readonly #held = new Set<Held>()
  #targets: readonly LiveTarget[] = []

  constructor(app: RoutedApp, limits: Limits) {
    this.app = app
    this.#limits = limits
  }

  /** Puts a new state of the app into force; returns the targets that it no longer lists, retired. */
  update(app: RoutedApp): LiveTarget[] {
    const before = new Map(this.#targets.map(live => [live.target.dynoId, live]))
    this.app = app
    this.#targets = app.targets.map(target => {
      const known = before.get(target.dynoId)
      if (!known || !isSameAddress(known.target, target)) return new LiveTarget(target, this.#limits, this)
      before.delete(target.dynoId)
      return known
    })
    const gone = [...before.values()]
    for (const live of gone) live.retire()
    this.recovered()
    return gone
  }

  target(dynoId: string): LiveTarget | undefined {
    return this.#targets.find(live => live.target.dynoId === dynoId)
  }

  /** Takes one dyno out of service although the app still lists it. */
  withdraw(live: LiveTarget): void {
    this.#targets = this.#targets.filter(other => other !== live)
    live.retire()
  }

  choose(): Choice {
    const { app } = this
    if (app.maintenance) return { refuse: 'H80' }
    const count = this.#targets.length
    if (count > 0) return this.#chooseTarget() ?? this.#backlog()
    if (app.state === 'serving' || app.state === 'booting')
      return this.#mayHold(1) ? { hold: 'H20' } : { refuse: 'H11' }
    return { refuse: REFUSALS[app.state] }
  }

  hold(request: Held): void {
    this.#held.add(request)
  }

  release(request: Held): void {
    this.#held.delete(request)
  }

  slotFreed(): void {
    const [first] = this.#held
    if (!first) return
    this.#held.delete(first)
    first.resume()
  }

  /** Lets every held request choose again, oldest first. */
  recovered(): void {
    const held = [...this.#held]
    this.#held.clear()
    for (const request of held) request.resume()
  }

  #chooseTarget(): Choice | undefined {
    const free = this.#targets.filter(live => !live.isFull && !live.isQuarantined)
    const live = free[free.length > 1 ? Math.floor(Math.random() * free.length) : 0]
    return live && { to: live }
  }

  #backlog(): Choice {
    if (!this.#mayHold(this.#targets.length)) return { refuse: 'H11' }
    return { hold: this.#targets.every(live => live.isQuarantined) ? 'H34' : 'H11' }
  }

  #mayHold(dynos: number): boolean {
    return this.#held.size < this.#limits.inFlight * dynos
  }
}

function isSameAddress(a: Target, b: Target): boolean {
  return a.host === b.host && a.port === b.port
}
