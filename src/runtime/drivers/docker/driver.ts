import { join } from 'node:path'
import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { connectEngine, EngineUnavailable, statusOf } from '../../../docker/engine.ts'
import type { Driver, DynoLine, DynoSpec, LogBatch, ObservedDyno } from '../../driver.ts'
import { DynoFiles } from '../dyno-files.ts'
import { BatchQueue } from '../output/batch-queue.ts'
import { fineClock } from '../output/clock.ts'
import { Outbox } from '../output/outbox.ts'
import { engineCaveats } from './caveats.ts'
import type { HeldNetwork } from './container-network.ts'
import { Containers, type ContainersOptions, type RunArtifact } from './containers.ts'
import { rest } from './dyno-log.ts'
import { followEvents } from './events.ts'
import { Fleet } from './fleet.ts'
import type { ImagesOptions } from './image-loader.ts'
import { Images } from './images.ts'
import { dynoLabels, readLabels } from './labels.ts'
import { watchMemory } from './memory-watch.ts'
import { Networks } from './networks.ts'
import { Preparation } from './preparation.ts'
import type { DynoRecord } from './records.ts'
import { WaitingNetworks, type WaitingNetworksOptions } from './waiting-networks.ts'

export interface DockerDriverOptions extends ContainersOptions, ImagesOptions, WaitingNetworksOptions {
  /** A directory for this driver alone; made when missing. */
  directory: string
  /** Where the engine listens; the usual place when left out. */
  socket?: string
  /** How often dynos' memory is looked at. */
  measureEvery?: Duration
}

const DYNO_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/
/** What an engine answers that has a container of that name already. */
const CONFLICT = 409
const FLUSH_TIMEOUT: Duration = 1000
const POLL: Duration = 10

/** Connects to the engine and adopts the dynos of this platform that are there. */
export async function openDockerDriver(options: DockerDriverOptions): Promise<DockerDriver> {
  const { socket } = options
  const engine = await connectEngine(socket === undefined ? {} : { socket })
  const driver = new DockerDriver(engine, options, await engineCaveats(engine))
  try {
    await driver.open()
  } catch (error) {
    driver.disconnect()
    throw error
  }
  return driver
}

/** Runs dynos as containers of a Docker engine, which keeps them while the control plane is away. */
export class DockerDriver implements Driver {
  readonly sharesLoopback = false
  readonly #engine: Docker
  readonly #options: DockerDriverOptions
  readonly #caveats: readonly string[]
  readonly #images: Images
  readonly #networks: Networks
  readonly #waiting: WaitingNetworks
  readonly #preparation: Preparation
  readonly #containers: Containers
  readonly #fleet: Fleet
  readonly #outbox: Outbox
  readonly #now = fineClock()
  readonly #end = new AbortController()
  readonly #watchers = new Set<(dyno: ObservedDyno) => void>()
  /** Starts under way: their image is still being loaded. */
  readonly #starting = new Map<string, { done: Promise<void>; abort: AbortController }>()
  #batches: BatchQueue | undefined
  #isClosing = false

  constructor(engine: Docker, options: DockerDriverOptions, caveats: readonly string[]) {
    const { platform, directory } = options
    this.#engine = engine
    this.#options = options
    this.#caveats = caveats
    this.#images = new Images(engine, options)
    this.#waiting = new WaitingNetworks(engine, options)
    this.#networks = new Networks(engine, { platform, waiting: this.#waiting })
    this.#containers = new Containers(engine, options, { images: this.#images, networks: this.#networks })
    this.#outbox = new Outbox(this.#now)
    const records = new DynoFiles<DynoRecord>(join(directory, 'dynos'))
    const changed = (dyno: ObservedDyno) => this.#notify(dyno)
    const { signal } = this.#end
    const around = { engine, records, outbox: this.#outbox, now: this.#now, signal, changed }
    this.#fleet = new Fleet(around, platform, { networks: this.#networks, waiting: this.#waiting })
    this.#preparation = new Preparation(this.#fleet, this.#networks)
  }

  /** Adopts what is there, removes what was left half done, and listens from now on: which begins with a look. */
  async open(): Promise<void> {
    const { signal } = this.#end
    const { platform, measureEvery } = this.#options
    await this.#fleet.adopt()
    await this.#images.sweep()
    const listener = {
      happened: (container: string, action: string) => this.#fleet.happened(container, action),
      connected: () => this.#fleet.sync({ wasDeaf: true }),
    }
    void followEvents(this.#engine, platform, { listener, signal })
    void watchMemory(this.#engine, { fleet: this.#fleet, every: measureEvery }, signal)
    for (const { observed } of this.#fleet.all) this.#preparation.changed(observed)
  }

  async start(spec: DynoSpec): Promise<void> {
    const { id } = spec
    if (!DYNO_ID.test(id))
      throw new Error(`Dyno id ${JSON.stringify(id)} must be 1 to 64 letters, digits and dashes.`)
    const underWay = this.#starting.get(id)
    if (underWay !== undefined) return underWay.done
    const known = this.#fleet.get(id)
    if (known?.isForgotten === true)
      throw new Error(`Dyno ${id} was forgotten just now, and what is left of it is still on its way out.`)
    if (known !== undefined) return
    if (this.#isClosing) throw new Error('The platform is stopping and starts no dyno any more.')
    const abort = new AbortController()
    const done = this.#start(spec, abort.signal).finally(() => this.#starting.delete(id))
    this.#starting.set(id, { done, abort })
    return done
  }

  async stop(id: string, grace: Duration): Promise<void> {
    const underWay = this.#starting.get(id)
    underWay?.abort.abort(new Error('It was stopped before it started.'))
    await underWay?.done.catch(() => {})
    this.#fleet.get(id)?.stop(grace)
  }

  async list(): Promise<readonly ObservedDyno[]> {
    await this.#fleet.sync()
    return this.#fleet.all.filter(dyno => !dyno.isForgotten).map(dyno => dyno.observed)
  }

  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#fleet.forget(id)
  }

  watch(listener: (dyno: ObservedDyno) => void): () => void {
    this.#watchers.add(listener)
    return () => void this.#watchers.delete(listener)
  }

  /** One reader at a time: a second one takes over from the first. */
  async *logs(signal: AbortSignal): AsyncIterable<LogBatch> {
    this.#batches?.end()
    const batches = new BatchQueue(signal)
    this.#batches = batches
    this.#outbox.subscribe((batch, lines) => batches.push({ lines, ack: () => this.#taken(batch, lines) }))
    try {
      yield* batches
    } finally {
      if (this.#batches === batches) {
        this.#batches = undefined
        this.#outbox.unsubscribe()
      }
    }
  }

  /** Removes the images of artifacts other than `keep` from the engine, but for those in use. */
  prune(keep: readonly string[]): Promise<void> {
    return this.#images.prune(keep)
  }

  /** Loads the image of an artifact if the engine lacks it, or calls another one so. Answers whether it was there. */
  ensureImage(artifact: RunArtifact, signal: AbortSignal): Promise<boolean> {
    return this.#containers.ensureImage(artifact, AbortSignal.any([signal, this.#end.signal]))
  }

  async close(grace: Duration): Promise<void> {
    this.#isClosing = true
    for (const { abort } of this.#starting.values()) abort.abort(new Error('The platform is stopping.'))
    await Promise.allSettled([...this.#starting.values()].map(({ done }) => done))
    for (const dyno of this.#fleet.all) dyno.stop(grace)
    await Promise.all(this.#fleet.all.map(dyno => dyno.ended))
    await this.#flush()
    await this.#preparation.ended()
    // The engine is away: the next one to open finds them.
    await this.#waiting.clearAll().catch(() => {})
    await this.#fleet.tidied()
    this.disconnect()
  }

  /** Lets go of the engine: its containers live on, for the next driver to adopt. */
  disconnect(): void {
    for (const { abort } of this.#starting.values()) abort.abort(new Error('The control plane is stopping.'))
    this.#preparation.end()
    this.#batches?.end()
    this.#end.abort()
    this.#fleet.letGo()
  }

  caveats(): readonly string[] {
    return this.#caveats
  }

  async #start(spec: DynoSpec, signal: AbortSignal): Promise<void> {
    const { platform } = this.#options
    const startedAt = this.#now()
    const labelled = readLabels(dynoLabels(spec, platform, startedAt))
    try {
      // Before anybody asks whether the app still needs its network.
      const made = (container: string, network: HeldNetwork | null) =>
        this.#fleet.add(labelled, { container, network, command: spec.command })
      await this.#containers.make(spec, labelled, { signal, made })
    } catch (error) {
      // Whoever wanted it asks again; a control plane that leaves is followed by one that does.
      if (error instanceof EngineUnavailable || this.#end.signal.aborted) throw error
      // Its name is taken: by itself, when an earlier try came to be made unheard.
      if (statusOf(error) === CONFLICT) await this.#fleet.sync()
      this.#fleet.addFailed(labelled, error as Error)
    }
  }

  #taken(batch: number, lines: readonly DynoLine[]): void {
    for (const [id, group] of Map.groupBy(lines, ({ dyno }) => dyno?.id)) {
      if (id !== undefined) this.#fleet.get(id)?.taken(group)
    }
    this.#outbox.ack(batch)
  }

  /** Gives the last lines a moment to be taken. */
  async #flush(): Promise<void> {
    const limit = AbortSignal.timeout(FLUSH_TIMEOUT)
    while (!this.#outbox.isEmpty && this.#outbox.hasSubscriber && !limit.aborted) await rest(POLL, limit)
  }

  #notify(dyno: ObservedDyno): void {
    this.#preparation.changed(dyno)
    for (const watcher of this.#watchers) watcher(dyno)
  }
}
