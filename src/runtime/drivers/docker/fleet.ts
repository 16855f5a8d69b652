import type { ContainerInfo } from 'dockerode'
import { ask, PLATFORM_LABEL, statusOf } from '../../../docker/engine.ts'
import { commandOf } from './container.ts'
import { ContainerDyno } from './container-dyno.ts'
import { DYNO_LABEL, type Labelled, readLabels } from './labels.ts'
import type { Networks } from './networks.ts'
import { faultEnding, KILLED, signalEnding } from './observation.ts'
import type { DynoRecord } from './records.ts'
import type { Origin, Surroundings } from './surroundings.ts'

/** All dynos of a platform: those the engine has, and those that have exited and are still to be listed. */
export class Fleet {
  readonly #around: Surroundings
  readonly #platform: string
  readonly #networks: Networks
  readonly #dynos = new Map<string, ContainerDyno>()
  /** Containers on their way out. */
  readonly #removals = new Map<string, Promise<void>>()

  constructor(around: Omit<Surroundings, 'settled'>, platform: string, networks: Networks) {
    this.#around = { ...around, settled: id => this.#settled(id) }
    this.#platform = platform
    this.#networks = networks
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

  /** Takes over what an earlier control plane left: containers, and records of those that have none. */
  async adopt(): Promise<void> {
    const records = new Map(this.#around.records.load().map(record => [record.dyno.id, record]))
    const containers = await this.#containers()
    await Promise.all(
      containers.map(info => this.#adoptOne(info, records.get(info.Labels[DYNO_LABEL] ?? ''))),
    )
    for (const record of records.values()) if (!this.#dynos.has(record.dyno.id)) this.#restore(record)
  }

  /** A dyno whose container was made just now. */
  add(labelled: Labelled, container: string, command: string): void {
    if (this.#dynos.has(labelled.id)) return
    const dyno = this.#create(labelled, { container, command })
    this.#around.changed(dyno.observed)
    void dyno.begin()
  }

  /** A dyno that got no container. */
  addFailed(labelled: Labelled, error: Error): void {
    if (this.#dynos.has(labelled.id)) return
    const dyno = this.#create(labelled, { container: null, command: '' })
    this.#around.changed(dyno.observed)
    dyno.end(faultEnding(error, this.#around.now()))
  }

  /** Compares with the engine: what came, went or changed unheard is known afterwards, or soon. */
  async sync(): Promise<void> {
    const containers = await this.#containers()
    const running = new Set(containers.filter(({ State }) => State === 'running').map(({ Id }) => Id))
    for (const info of containers) {
      const dyno = this.#dynos.get(info.Labels[DYNO_LABEL] ?? '')
      if (dyno === undefined) await this.#adoptOne(info, undefined)
      else if (dyno.isSettled) this.#settled(dyno.labelled.id)
    }
    const unclear = this.all.filter(
      ({ container, observed: { state } }) =>
        state === 'starting' || (state !== 'exited' && !running.has(container ?? '')),
    )
    await Promise.all(unclear.map(dyno => dyno.refresh()))
  }

  forget(id: string): void {
    const dyno = this.#dynos.get(id)
    if (dyno?.observed.state !== 'exited') return
    dyno.forget()
    if (dyno.isSettled && !this.#removals.has(id)) this.#drop(dyno)
  }

  /** Resolves when the containers that are not needed any more are gone. */
  async tidied(): Promise<void> {
    await Promise.all(this.#removals.values())
  }

  letGo(): void {
    for (const dyno of this.all) dyno.letGo()
  }

  #create(labelled: Labelled, origin: Origin): ContainerDyno {
    const dyno = new ContainerDyno(labelled, origin, this.#around)
    this.#dynos.set(labelled.id, dyno)
    return dyno
  }

  async #containers(): Promise<readonly ContainerInfo[]> {
    const filters = { label: [`${PLATFORM_LABEL}=${this.#platform}`, DYNO_LABEL] }
    return ask('list dynos', this.#around.engine.listContainers({ all: true, filters }))
  }

  async #adoptOne({ Id, Labels }: ContainerInfo, record: DynoRecord | undefined): Promise<void> {
    const labelled = readLabels(Labels)
    try {
      const info = await ask('inspect a dyno', this.#around.engine.getContainer(Id).inspect())
      if (this.#dynos.has(labelled.id) || this.#removals.has(labelled.id)) return
      await this.#create(labelled, { container: Id, command: commandOf(info.Config), record }).begin(info)
    } catch (error) {
      // It went in the meantime.
      if (statusOf(error) !== 404) throw error
    }
  }

  #restore(record: DynoRecord): void {
    const labelled = { ...record.dyno, listens: false, size: '' }
    const dyno = this.#create(labelled, { container: null, command: '', record })
    if (record.dyno.state === 'exited') void dyno.begin()
    else dyno.end(signalEnding(KILLED, this.#around.now()))
  }

  #settled(id: string): void {
    const dyno = this.#dynos.get(id)
    if (dyno === undefined || this.#removals.has(id)) return
    const removal = this.#remove(dyno)
      // The engine is away; the next look finds it again.
      .catch(() => {})
      .finally(() => this.#removals.delete(id))
    this.#removals.set(id, removal)
  }

  async #remove(dyno: ContainerDyno): Promise<void> {
    const { engine } = this.#around
    if (dyno.container !== null) {
      try {
        await ask('remove a dyno', engine.getContainer(dyno.container).remove({ force: true, v: true }))
      } catch (error) {
        // 409: somebody removes it already.
        if (![404, 409].includes(statusOf(error) ?? 0)) throw error
      }
    }
    if (dyno.isForgotten) this.#drop(dyno)
    const { appId } = dyno.labelled
    if (!this.has(appId)) await this.#networks.remove(appId, () => this.has(appId))
  }

  #drop({ labelled }: ContainerDyno): void {
    this.#dynos.delete(labelled.id)
    this.#around.records.remove(labelled.id)
  }
}
