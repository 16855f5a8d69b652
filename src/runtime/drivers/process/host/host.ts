import { join } from 'node:path'
import type { Duration } from '../../../../core/time.ts'
import { probe } from '../../../../sandbox/probe.ts'
import type { ObservedDyno } from '../../../driver.ts'
import { DynoFiles } from '../../dyno-files.ts'
import { fineClock } from '../../output/clock.ts'
import { Outbox } from '../../output/outbox.ts'
import type { HostConfig, Request, StartOrder } from '../protocol.ts'
import { FileSystems } from './file-systems.ts'
import { HostedDyno, type Surroundings } from './hosted-dyno.ts'
import { Ports } from './ports.ts'
import type { DynoRecord } from './records.ts'
import { endLeftovers } from './recovery.ts'

const DYNO_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/

const LIMITLESS =
  'Dynos run without limits on memory, processor time and number of processes, whatever their size.'

/** All dynos of this machine. Every verb may be repeated. */
export class Host {
  readonly caveats: readonly string[]
  readonly outbox: Outbox
  readonly #around: Surroundings
  readonly #dynos = new Map<string, HostedDyno>()
  /** Dynos that have exited, under this host or an earlier one. */
  readonly #exited = new Map<string, ObservedDyno>()
  readonly #watchers = new Set<(dyno: ObservedDyno) => void>()
  #isClosing = false

  /** Finds out what the machine can do, and ends what an earlier host left behind. */
  static async open({ directory, visible, path }: HostConfig): Promise<Host> {
    const sandbox = await probe({
      directory: join(directory, 'sandbox'),
      extraReadOnly: [...visible, ...path],
    })
    const now = fineClock()
    const outbox = new Outbox(now)
    const records = new DynoFiles<DynoRecord>(join(directory, 'dynos'))
    const fileSystems = new FileSystems(directory, sandbox)
    const exited = await endLeftovers(records, outbox, now)
    await fileSystems.discardAll()
    return new Host({ sandbox, fileSystems, ports: new Ports(), records, outbox, path, now }, exited)
  }

  private constructor(around: Omit<Surroundings, 'changed'>, exited: readonly ObservedDyno[]) {
    this.#around = { ...around, changed: dyno => this.#changed(dyno) }
    this.outbox = around.outbox
    this.caveats = [...around.sandbox.caveats, LIMITLESS]
    for (const dyno of exited) this.#exited.set(dyno.id, dyno)
  }

  /** Does what is asked and answers with the dynos asked about; only `list` asks about any. */
  async handle(request: Request): Promise<readonly ObservedDyno[]> {
    switch (request.verb) {
      case 'start':
        this.#start(request.order)
        return []
      case 'stop':
        this.#dynos.get(request.id)?.stop(request.grace)
        return []
      case 'list':
        return [...this.#exited.values(), ...[...this.#dynos.values()].map(dyno => dyno.observed)]
      case 'forget':
        for (const id of request.ids) this.#forget(id)
        return []
      case 'close':
        await this.close(request.grace)
        return []
      default:
        throw new Error(`The dyno host does not know the request ${JSON.stringify(request satisfies never)}.`)
    }
  }

  /** Calls `watcher` for every change of a dyno. Returns the way to stop watching. */
  watch(watcher: (dyno: ObservedDyno) => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** Ends every dyno; starts none from now on. Resolves when none is left. */
  async close(grace: Duration): Promise<void> {
    this.#isClosing = true
    for (const dyno of this.#dynos.values()) dyno.stop(grace)
    await Promise.all([...this.#dynos.values()].map(dyno => dyno.ended))
    await this.#around.fileSystems.settled()
  }

  #start(order: StartOrder): void {
    const { id } = order.spec
    if (!DYNO_ID.test(id))
      throw new Error(`Dyno id ${JSON.stringify(id)} must be 1 to 64 letters, digits and dashes.`)
    if (this.#dynos.has(id) || this.#exited.has(id)) return
    if (this.#isClosing) throw new Error('The dyno host is closing and starts no dyno any more.')
    const dyno = new HostedDyno(order, this.#around)
    this.#dynos.set(id, dyno)
    this.#changed(dyno.observed)
  }

  #forget(id: string): void {
    if (this.#exited.delete(id)) this.#around.records.remove(id)
  }

  #changed(dyno: ObservedDyno): void {
    if (dyno.state === 'exited') {
      this.#dynos.delete(dyno.id)
      this.#exited.set(dyno.id, dyno)
    }
    for (const watcher of this.#watchers) watcher(dyno)
  }
}
