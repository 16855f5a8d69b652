import type Docker from 'dockerode'
import { ask, PLATFORM_LABEL, statusOf, unlessAbsent } from '../../../docker/engine.ts'
import { namePrefix } from './container.ts'
import { type HeldNetwork, inHeldNetwork, inNetwork, type NetworkOptions } from './container-network.ts'
import { APP_LABEL } from './labels.ts'
import type { WaitingNetworks } from './waiting-networks.ts'

/** Where a container of a dyno is put. */
export interface Place {
  network: NetworkOptions
  held: HeldNetwork | null
}

/** A network for each app that runs, so that no app reaches the containers of another. */
export class Networks {
  readonly #engine: Docker
  readonly #platform: string
  readonly #waiting: WaitingNetworks
  /** What is made or removed for an app comes one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(engine: Docker, { platform, waiting }: { platform: string; waiting: WaitingNetworks }) {
    this.#engine = engine
    this.#platform = platform
    this.#waiting = waiting
  }

  /**
   * Lets `use` put a container into the app's network, which is there until it returns. What listens goes where a network
   * waits for it.
   */
  using<T>(
    { appId, listens }: { appId: string; listens: boolean },
    use: (place: Place) => Promise<T>,
  ): Promise<T> {
    return this.#take(appId, async () => {
      const held = listens ? await this.#waiting.take(appId) : null
      if (held !== null) {
        try {
          return await use({ network: inHeldNetwork(held), held })
        } catch (error) {
          if (statusOf(error) === undefined) {
            // It may have come to be made, and be in there.
            this.#waiting.release(held.holder)
            throw error
          }
          // An engine that refuses it so may take it in a namespace of its own.
          await this.#waiting.discard(held.holder).catch(() => {})
        }
      }
      const name = this.#name(appId)
      await this.#ensure(name, appId)
      return use({ network: inNetwork(name, { listens }), held: null })
    })
  }

  /** Has a network wait for the next web dyno of an app, if that `isWanted`. */
  async prepare(appId: string, isWanted: () => boolean): Promise<void> {
    await this.#take(appId, async () => {
      if (isWanted()) await this.#waiting.prepare(appId, this.#name(appId))
    })
  }

  /** Has no network wait for the app any more, unless that `isWanted`. */
  async dismiss(appId: string, isWanted: () => boolean): Promise<void> {
    await this.#take(appId, async () => {
      if (!isWanted()) await this.#waiting.clear(appId)
    })
  }

  /** Removes an app's network and what waits in it, unless `isNeeded` or a container is still in it. */
  async remove(appId: string, isNeeded: () => boolean): Promise<void> {
    await this.#take(appId, async () => {
      if (isNeeded()) return
      await this.#waiting.clear(appId)
      await this.#waiting.gone()
      await this.#removeUnused(this.#name(appId))
    })
  }

  /** Removes the networks of apps that have no container any more. One that does not go now is tried again at the next sweep. */
  async sweep(isNeeded: (appId: string) => boolean): Promise<void> {
    const filters = { label: [`${PLATFORM_LABEL}=${this.#platform}`] }
    const networks = await ask('list networks', this.#engine.listNetworks({ filters }))
    const apps = networks.flatMap(({ Labels }) => Labels?.[APP_LABEL] ?? [])
    const unneeded = apps.filter(appId => !isNeeded(appId))
    await Promise.allSettled(unneeded.map(appId => this.remove(appId, () => isNeeded(appId))))
  }

  async #ensure(name: string, appId: string): Promise<void> {
    const looking = this.#engine.getNetwork(name).inspect()
    if ((await unlessAbsent(ask('look for a network', looking))) !== undefined) return
    const Labels = { [PLATFORM_LABEL]: this.#platform, [APP_LABEL]: appId }
    const made = this.#engine.createNetwork({ Name: name, Driver: 'bridge', CheckDuplicate: true, Labels })
    await ask(`make the network ${name}`, made).catch(explainExhaustion)
  }

  async #removeUnused(name: string): Promise<void> {
    try {
      await ask(`remove the network ${name}`, this.#engine.getNetwork(name).remove())
    } catch (error) {
      // 403: somebody's container is in it.
      if (![403, 404].includes(statusOf(error) ?? 0)) throw error
    }
  }

  #name(appId: string): string {
    return `${namePrefix(this.#platform)}-${appId}`
  }

  async #take<T>(appId: string, task: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(appId) ?? Promise.resolve()).then(task)
    const settled = turn.then(
      () => {},
      () => {},
    )
    this.#turns.set(appId, settled)
    try {
      return await turn
    } finally {
      if (this.#turns.get(appId) === settled) this.#turns.delete(appId)
    }
  }
}

/** Docker's own pools have room for about thirty networks. */
function explainExhaustion(error: Error): never {
  if (!/address pool/i.test(error.message)) throw error
  throw new Error(
    'The Docker engine has no room for the network of another app. Give it more, smaller ones: "default-address-pools" in its daemon.json.',
    { cause: error },
  )
}
