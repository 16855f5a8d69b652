import type { Duration } from '../../../core/time.ts'
import type { ObservedDyno } from '../../driver.ts'
import type { Fleet } from './fleet.ts'
import type { Networks } from './networks.ts'

/** How long nothing happens to an app before a network is made ready for what comes next: releases come in bursts. */
const REST: Duration = 1000

/** Has a network wait for the next web dyno of each app that runs one: one app after the other, and while it is at rest. */
export class Preparation {
  readonly #fleet: Pick<Fleet, 'isAtRest' | 'hasWeb'>
  readonly #networks: Networks
  readonly #timers = new Map<string, NodeJS.Timeout>()
  #turn: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(fleet: Pick<Fleet, 'isAtRest' | 'hasWeb'>, networks: Networks) {
    this.#fleet = fleet
    this.#networks = networks
  }

  /** Something happened to a dyno of the app. */
  changed({ appId }: Pick<ObservedDyno, 'appId'>): void {
    clearTimeout(this.#timers.get(appId))
    if (this.#isOver) return
    this.#timers.set(
      appId,
      setTimeout(() => this.#prepare(appId), REST),
    )
  }

  /** Makes no more of them. */
  end(): void {
    this.#isOver = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  /** Resolves when none is being made any more. */
  async ended(): Promise<void> {
    this.end()
    await this.#turn
  }

  #prepare(appId: string): void {
    this.#timers.delete(appId)
    this.#turn = this.#turn
      .then(async () => {
        await this.#networks.prepare(appId, () => !this.#isOver && this.#fleet.isAtRest(appId))
        await this.#networks.dismiss(appId, () => this.#isOver || this.#fleet.hasWeb(appId))
      })
      // A dyno for which none waits makes its own.
      .catch(() => {})
  }
}
