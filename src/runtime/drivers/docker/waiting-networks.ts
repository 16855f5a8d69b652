import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { ask, LONGEST_CALL } from '../../../docker/engine.ts'
import { removeContainer } from '../../../docker/remove-container.ts'
import { type HeldNetwork, holderOf } from './container-network.ts'
import type { Found } from './found.ts'
import { heldNetwork } from './held-network.ts'
import { pauseContainer, pauseName } from './pause-container.ts'

export interface WaitingNetworksOptions {
  platform: string
  /** What has `sleep`, for the containers that hold networks. */
  pauseImage: string
  /** Milliseconds that pass, whatever is done to the machine's clock. */
  monotonic?: () => Duration
}

/**
 * Network namespaces that wait for the next web dyno of an app, at most one for each app. To make one takes the engine
 * longer than all else about a container, mostly for the name server in it; a dyno that joins one is spared that.
 */
export class WaitingNetworks {
  readonly #engine: Docker
  readonly #options: WaitingNetworksOptions
  readonly #now: () => Duration
  /** Ids of the containers that hold them, by the app's id. */
  readonly #waiting = new Map<string, string>()
  /** Ids of those that wait or were taken. */
  readonly #known = new Set<string>()
  /** Until when those that were released may come to be used. */
  readonly #released = new Map<string, Duration>()
  /** Names of those that are being made. */
  readonly #making = new Set<string>()
  /** Removals under way. */
  readonly #leaving = new Set<Promise<void>>()

  constructor(engine: Docker, options: WaitingNetworksOptions) {
    this.#engine = engine
    this.#options = options
    this.#now = options.monotonic ?? (() => performance.now())
  }

  /** The one that waits for a dyno of the app, for that dyno alone; null when none does. */
  async take(appId: string): Promise<HeldNetwork | null> {
    const holder = this.#waiting.get(appId)
    if (holder === undefined) return null
    const network = await heldNetwork(this.#engine, holder)
    this.#waiting.delete(appId)
    if (network.host !== null) return network
    // One that does not go now is swept later.
    await this.discard(holder).catch(() => {})
    return null
  }

  /** Has one wait for the app in `network`, unless one does. */
  async prepare(appId: string, network: string): Promise<void> {
    if (this.#waiting.has(appId)) return
    const { platform, pauseImage: image } = this.#options
    const name = pauseName(platform)
    this.#making.add(name)
    try {
      const options = pauseContainer({ name, platform, image, network })
      const { id } = await ask('make a network ready', this.#engine.createContainer(options))
      await ask('make a network ready', this.#engine.getContainer(id).start())
      this.#known.add(id)
      this.#waiting.set(appId, id)
    } finally {
      // One that did not come to run is swept as what nobody knows.
      this.#making.delete(name)
    }
  }

  /** One that is in use already. */
  keep(holder: string): void {
    this.#released.delete(holder)
    this.#known.add(holder)
  }

  /** One of which nobody knows whether it is in use, or will be: an engine goes on with what nobody waits for any more. */
  release(holder: string): void {
    this.#known.delete(holder)
    this.#released.set(holder, this.#now() + LONGEST_CALL)
  }

  /** Removes one that nobody uses any more. */
  async discard(holder: string): Promise<void> {
    this.#known.delete(holder)
    this.#released.delete(holder)
    const leaving = removeContainer(this.#engine, holder)
    this.#leaving.add(leaving)
    await leaving.finally(() => this.#leaving.delete(leaving))
  }

  /** Resolves when none is on its way out: an app's network cannot go before those in it. */
  async gone(): Promise<void> {
    await Promise.allSettled(this.#leaving)
  }

  /** None waits for the app any more. */
  async clear(appId: string): Promise<void> {
    const holder = this.#waiting.get(appId)
    this.#waiting.delete(appId)
    if (holder !== undefined) await this.discard(holder)
  }

  async clearAll(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map(appId => this.clear(appId)))
  }

  /**
   * Removes those that nobody knows and no dyno names: a kill left them, or the engine was away when they were to go. One
   * that does not go now is tried again at the next sweep.
   */
  async sweep({ dynos, pauses }: Found): Promise<void> {
    const named = new Set(dynos.map(({ container }) => holderOf(container.HostConfig)))
    const unknown = pauses.filter(({ Id, Names }) => {
      const isBeingMade = Names.some(name => this.#making.has(name.replace(/^\//, '')))
      const isReleased = (this.#released.get(Id) ?? 0) > this.#now()
      return !this.#known.has(Id) && !named.has(Id) && !isBeingMade && !isReleased
    })
    await Promise.allSettled(unknown.map(({ Id }) => this.discard(Id)))
  }
}
