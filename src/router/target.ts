import { Connections } from './connections.ts'
import type { Limits } from './limits.ts'
import type { Target } from './table.ts'

/** Who is told when a target may take requests again. */
export interface TargetOwner {
  /** One more request fits. */
  slotFreed(): void
  /** Its quarantine is over. */
  recovered(): void
}

/** A web dyno as the router knows it: what is in flight, and whether it may be given more. */
export class LiveTarget {
  readonly target: Target
  readonly connections: Connections
  readonly #limits: Limits
  readonly #owner: TargetOwner
  readonly #idleListeners: (() => void)[] = []
  readonly #upgraded = new Set<() => void>()
  #inFlight = 0
  #isRetired = false
  #quarantine: NodeJS.Timeout | undefined

  constructor(target: Target, limits: Limits, owner: TargetOwner) {
    this.target = target
    this.connections = new Connections(target, limits)
    this.#limits = limits
    this.#owner = owner
  }

  get isQuarantined(): boolean {
    return this.#quarantine !== undefined
  }

  get isFull(): boolean {
    return this.#inFlight >= this.#limits.inFlight
  }

  /** Counts a request in, from the moment it is chosen for this dyno: so none is overlooked when it drains. */
  begin(): void {
    this.#inFlight++
  }

  /** Exactly once for each `begin`. */
  end(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#becomeIdle()
    if (!this.#isRetired) this.#owner.slotFreed()
  }

  /** The dyno takes no connections: leave it alone for a while. */
  quarantine(): void {
    if (this.#isRetired || this.#quarantine) return
    this.#quarantine = setTimeout(() => {
      this.#quarantine = undefined
      this.#owner.recovered()
    }, this.#limits.quarantine).unref()
  }

  /** An upgraded connection may last for ever, so it is closed as soon as its dyno is to go. */
  addUpgraded(close: () => void): void {
    if (this.#isRetired) close()
    else this.#upgraded.add(close)
  }

  removeUpgraded(close: () => void): void {
    this.#upgraded.delete(close)
  }

  /** The dyno gets no new request; those in flight go on. */
  retire(): void {
    if (this.#isRetired) return
    this.#isRetired = true
    clearTimeout(this.#quarantine)
    this.#quarantine = undefined
    for (const close of this.#upgraded) close()
    this.#upgraded.clear()
    if (this.#inFlight === 0) this.#becomeIdle()
  }

  /** Calls back once nothing is in flight, at once when that is so already. */
  whenIdle(listener: () => void): void {
    if (this.#inFlight === 0) listener()
    else this.#idleListeners.push(listener)
  }

  #becomeIdle(): void {
    if (this.#isRetired) this.connections.close()
    for (const listener of this.#idleListeners.splice(0)) listener()
  }
}
