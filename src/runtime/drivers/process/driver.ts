import { CONTAINER_STACK } from '../../../core/app.ts'
import type { Duration } from '../../../core/time.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import type { Driver, DynoSpec, LogBatch, ObservedDyno } from '../../driver.ts'
import { BatchQueue } from '../output/batch-queue.ts'
import { HostChannel } from './channel.ts'
import { connectHost } from './host-process.ts'
import type { StartOrder } from './protocol.ts'

export interface ProcessDriverOptions {
  /** A directory for this driver alone; made when missing. */
  directory: string
  /** The unpacked layers of an image, lowest first, each with its files below `app/`. Rejects with why there are none. */
  layers(digest: string, signal: AbortSignal): Promise<readonly string[]>
  /** Who an app's dynos run as; null is the server's own user, the only choice when that is not root. */
  identity(appId: string): Identity | null
  /** Directories dynos see, read-only, besides the system's own. */
  visible: readonly string[]
  /** Directories dynos see and have first in their PATH. */
  path: readonly string[]
}

/** Its programs would find the machine's libraries in place of their own, or nothing at all. */
const NEEDS_CONTAINER =
  'Its image brings an operating system of its own, and here dynos are processes of this machine. Start the server with TIDEMARK_RUNTIME=docker, or release code that buildpacks made.'

/** Connects to the dyno host of this directory, and starts it when there is none. Its dynos are adopted as they are. */
export async function openProcessDriver(options: ProcessDriverOptions): Promise<ProcessDriver> {
  const driver = new ProcessDriver(options)
  await driver.connect()
  return driver
}

/** Runs dynos as processes of this machine, through a dyno host that outlives this process. */
export class ProcessDriver implements Driver {
  readonly sharesLoopback = true
  readonly #options: ProcessDriverOptions
  readonly #channel: HostChannel
  readonly #watchers = new Set<(dyno: ObservedDyno) => void>()
  /** Starts under way: their image is still being unpacked. */
  readonly #starting = new Map<string, { done: Promise<void>; abort: AbortController }>()
  #batches: BatchQueue | undefined

  constructor(options: ProcessDriverOptions) {
    this.#options = options
    const { directory, visible, path } = options
    this.#channel = new HostChannel({
      dial: () => connectHost({ directory, visible, path }),
      onDyno: dyno => this.#notify(dyno),
      onLines: (batch, lines) => this.#batches?.push({ lines, ack: () => this.#channel.ack(batch) }),
      onReconnect: () => void this.#notifyAll(),
    })
  }

  connect(): Promise<void> {
    return this.#channel.open()
  }

  start(spec: DynoSpec): Promise<void> {
    const underWay = this.#starting.get(spec.id)
    if (underWay !== undefined) return underWay.done
    const abort = new AbortController()
    const done = this.#start(spec, abort.signal).finally(() => this.#starting.delete(spec.id))
    this.#starting.set(spec.id, { done, abort })
    return done
  }

  async stop(id: string, grace: Duration): Promise<void> {
    const underWay = this.#starting.get(id)
    underWay?.abort.abort(new Error('It was stopped before it started.'))
    await underWay?.done
    await this.#channel.request({ verb: 'stop', id, grace })
  }

  list(): Promise<readonly ObservedDyno[]> {
    return this.#channel.request({ verb: 'list' })
  }

  async forget(ids: readonly string[]): Promise<void> {
    await this.#channel.request({ verb: 'forget', ids })
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
    this.#channel.subscribe()
    try {
      yield* batches
    } finally {
      if (this.#batches === batches) {
        this.#batches = undefined
        this.#channel.unsubscribe()
      }
    }
  }

  async close(grace: Duration): Promise<void> {
    for (const { abort } of this.#starting.values()) abort.abort(new Error('The platform is stopping.'))
    await this.#channel.request({ verb: 'close', grace })
  }

  /** Lets go of the host: it and its dynos live on, for the next driver to adopt. */
  disconnect(): void {
    for (const { abort } of this.#starting.values()) abort.abort(new Error('The control plane is stopping.'))
    this.#channel.disconnect()
  }

  caveats(): readonly string[] {
    return this.#channel.caveats
  }

  async #start(spec: DynoSpec, signal: AbortSignal): Promise<void> {
    const order: StartOrder = {
      spec,
      layers: await this.#layers(spec, signal),
      identity: this.#options.identity(spec.appId),
    }
    await this.#channel.request({ verb: 'start', order })
  }

  async #layers({ image, environment }: DynoSpec, signal: AbortSignal): Promise<StartOrder['layers']> {
    if (environment.STACK === CONTAINER_STACK) return { ok: false, fault: NEEDS_CONTAINER }
    try {
      return { ok: true, directories: await this.#options.layers(image, signal) }
    } catch (error) {
      return { ok: false, fault: (error as Error).message }
    }
  }

  #notify(dyno: ObservedDyno): void {
    for (const watcher of this.#watchers) watcher(dyno)
  }

  /** What changed while there was no connection is unknown, so everything is told. */
  async #notifyAll(): Promise<void> {
    try {
      for (const dyno of await this.list()) this.#notify(dyno)
    } catch {
      // Disconnected meanwhile, on purpose.
    }
  }
}
