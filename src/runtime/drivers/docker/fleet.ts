import type { ContainerInfo } from 'dockerode'
import { ask, unlessRefused } from '../../../docker/engine.ts'
import { commandOf } from './container.ts'
import { ContainerDyno } from './container-dyno.ts'
import { type HeldNetwork, holderOf, hostOf } from './container-network.ts'
import { type Found, type FoundDyno, findContainers } from './found.ts'
import { hasLost } from './held-network.ts'
import type { Labelled } from './labels.ts'
import type { Networks } from './networks.ts'
import { faultEnding, KILLED, signalEnding } from './observation.ts'
import type { DynoRecord } from './records.ts'
import { Removals } from './removals.ts'
import type { Origin, Surroundings } from './surroundings.ts'
import type { WaitingNetworks } from './waiting-networks.ts'

/** All dynos of a platform: those the engine has, and those that have exited and are still to be listed. */
export class Fleet {
  readonly #around: Surroundings
  readonly #platform: string
  readonly #networks: Networks
  readonly #waiting: WaitingNetworks
  readonly #dynos = new Map<string, ContainerDyno>()
  /** What an earlier control plane wrote down of dynos that are not taken over yet. */
  readonly #left = new Map<string, DynoRecord>()
  readonly #removals: Removals
  /** The networks that nobody needs, on their way out. */
  #sweep: Promise<void> | undefined

  constructor(
    around: Omit<Surroundings, 'settled'>,
    platform: string,
    { networks, waiting }: { networks: Networks; waiting: WaitingNetworks },
  ) {
    this.#around = { ...around, settled: id => this.#remove(this.#dynos.get(id)) }
    this.#removals = new Removals(around.engine)
    this.#platform = platform
    this.#networks = networks
    this.#waiting = waiting
  }

  get all(): readonly ContainerDyno[] {
    return [...this.#dynos.values()]
  }

  get(id: string): ContainerDyno | undefined {
    return this.#dynos.get(id)
  }

  has(appId: string): boolean {
    return this.all.some(({ labelled, observed }) => labelled.appId === appId && observed.state !== 'exited')
  }

  /** Whether it has a web dyno that is up, and none that comes up. */
  isAtRest(appId: string): boolean {
    return (
      this.hasWeb(appId) &&
      this.#staying(appId).every(({ labelled, observed: { state, isListening } }) =>
        labelled.listens ? isListening : state === 'running',
      )
    )
  }

  /** Whether it has a web dyno that is to stay. */
  hasWeb(appId: string): boolean {
    return this.#staying(appId).some(({ labelled }) => labelled.listens)
  }

  /** Takes over what an earlier control plane left: containers, and records of those that have none. */
  async adopt(): Promise<void> {
    for (const record of this.#around.records.load()) this.#left.set(record.dyno.id, record)
    await this.#takeOver(await this.#found())
  }

  /** A dyno whose container was made just now. */
  add(labelled: Labelled, origin: Omit<Origin, 'record'>): void {
    if (this.#dynos.has(labelled.id)) return
    const dyno = this.#create(labelled, origin)
    this.#around.changed(dyno.observed)
    void dyno.begin()
  }

  /** A dyno that got no container. */
  addFailed(labelled: Labelled, error: Error): void {
    if (this.#dynos.has(labelled.id)) return
    const dyno = this.#create(labelled, { container: null, network: null, command: '' })
    this.#around.changed(dyno.observed)
    dyno.end(faultEnding(error, this.#around.now()))
  }

  /**
   * Compares with the engine: what came, went or changed unheard is known afterwards, or soon. A list does not tell
   * whether what holds a network was started anew, as `wasDeaf` to events may have missed.
   */
  async sync({ wasDeaf = false } = {}): Promise<void> {
    const found = await this.#found()
    const containers = [...found.dynos.map(({ container }) => container), ...found.pauses]
    const running = new Set(containers.filter(isAlive).map(({ Id }) => Id))
    const mayHaveLost = this.all.filter(
      ({ container, network }) =>
        network !== null && running.has(container ?? '') && (wasDeaf || !running.has(network.holder)),
    )
    await Promise.all(mayHaveLost.map(dyno => this.#checkNetwork(dyno)))
    await this.#takeOver(found)
    for (const dyno of this.all) if (dyno.isSettled) this.#remove(dyno)
    const unclear = this.all.filter(
      ({ container, observed: { state } }) =>
        state === 'starting' || (state !== 'exited' && !running.has(container ?? '')),
    )
    await Promise.all(unclear.map(dyno => dyno.refresh()))
    this.#sweepNetworks()
  }

  /** What the engine says of a container, which may be a dyno's, or hold the network of one. */
  happened(container: string, action: string): void {
    for (const dyno of this.all) {
      if (dyno.container === container) {
        if (action === 'oom') dyno.outOfMemory()
        else if (action === 'die' || action === 'destroy') void dyno.refresh()
      } else if (dyno.network?.holder === container && action === 'die') {
        // It may run again by now. When the engine is away, the next look finds it again.
        this.#checkNetwork(dyno).catch(() => {})
      }
    }
  }

  forget(id: string): void {
    const dyno = this.#dynos.get(id)
    if (dyno?.observed.state !== 'exited') return
    dyno.forget()
    if (this.#removals.isGone(dyno)) this.#drop(dyno)
    else if (dyno.isSettled) this.#remove(dyno)
  }

  /** Resolves when the containers that are not needed any more are gone. */
  async tidied(): Promise<void> {
    await Promise.all([this.#removals.ended(), this.#waiting.gone(), this.#sweep])
  }

  letGo(): void {
    for (const dyno of this.all) dyno.letGo()
  }

  #create(labelled: Labelled, origin: Origin): ContainerDyno {
    const dyno = new ContainerDyno(labelled, origin, this.#around)
    this.#dynos.set(labelled.id, dyno)
    this.#left.delete(labelled.id)
    const { network } = origin
    if (network !== null) {
      this.#waiting.keep(network.holder)
      // The engine is away; the next look finds it again.
      void dyno.ended.then(() => this.#waiting.discard(network.holder)).catch(() => {})
    }
    return dyno
  }

  #staying(appId: string): ContainerDyno[] {
    return this.all.filter(
      ({ labelled, observed: { state } }) =>
        labelled.appId === appId && state !== 'stopping' && state !== 'exited',
    )
  }

  #found(): Promise<Found> {
    return findContainers(this.#around.engine, this.#platform)
  }

  /** Takes over the dynos of the containers that nobody knows, and those on record that have no container any more. */
  async #takeOver(found: Found): Promise<void> {
    const ids = new Set(found.dynos.map(({ labelled }) => labelled.id))
    const unknown = found.dynos.filter(({ labelled }) => !this.#dynos.has(labelled.id))
    await Promise.all(unknown.map(dyno => this.#adoptOne(dyno, found)))
    await this.#waiting.sweep(found)
    for (const [id, record] of this.#left) if (!ids.has(id)) this.#restore(record)
  }

  /** One that the engine cannot tell about harms no other: the next look asks again, if it did not go meanwhile. */
  async #adoptOne({ container: { Id, HostConfig }, labelled }: FoundDyno, { pauses }: Found): Promise<void> {
    const network = heldBy(holderOf(HostConfig), pauses)
    const inspecting = this.#around.engine.getContainer(Id).inspect()
    const info = await unlessRefused(ask('inspect a dyno', inspecting))
    if (info === undefined || this.#dynos.has(labelled.id) || this.#removals.isUnderWay(labelled.id)) return
    const record = this.#left.get(labelled.id)
    const origin = { container: Id, network, command: commandOf(info.Config), record }
    const dyno = this.#create(labelled, origin)
    await dyno.begin(info)
    if (info.State.Running) await this.#checkNetwork(dyno)
  }

  async #checkNetwork(dyno: ContainerDyno): Promise<void> {
    const { container, network } = dyno
    if (container === null || network === null) return
    if (await unlessRefused(hasLost(this.#around.engine, container, network.holder))) dyno.loseNetwork()
  }

  #restore(record: DynoRecord): void {
    const labelled = { ...record.dyno, listens: false, size: '' }
    const dyno = this.#create(labelled, { container: null, network: null, command: '', record })
    if (record.dyno.state === 'exited') void dyno.begin()
    else dyno.end(signalEnding(KILLED, this.#around.now()))
  }

  /** Its container goes, and then its network. It is known until it is forgotten, and as long as it has a container. */
  #remove(dyno: ContainerDyno | undefined): void {
    if (dyno === undefined) return
    this.#removals.begin(dyno, async () => {
      if (dyno.isForgotten) this.#drop(dyno)
      const { appId } = dyno.labelled
      if (!this.has(appId)) await this.#networks.remove(appId, () => this.has(appId))
    })
  }

  /** Nobody waits for it: what asks for a look may be about to start something. */
  #sweepNetworks(): void {
    this.#sweep ??= this.#networks
      .sweep(appId => this.has(appId))
      // The engine is away; the next look sweeps again.
      .catch(() => {})
      .finally(() => {
        this.#sweep = undefined
      })
  }

  #drop({ labelled }: ContainerDyno): void {
    this.#dynos.delete(labelled.id)
    this.#around.records.remove(labelled.id)
  }
}

/** One that somebody paused is there all the same. */
function isAlive({ State }: ContainerInfo): boolean {
  return State === 'running' || State === 'paused'
}

/** The network that a dyno has from another container, if it does. */
function heldBy(holder: string | undefined, pauses: readonly ContainerInfo[]): HeldNetwork | null {
  if (holder === undefined) return null
  const pause = pauses.find(info => info.Id === holder && isAlive(info))
  return { holder, host: pause === undefined ? null : hostOf(pause) }
}
