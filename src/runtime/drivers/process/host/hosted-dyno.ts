import { platformError } from '../../../../core/ending.ts'
import type { Duration, Instant } from '../../../../core/time.ts'
import type { LogLine } from '../../../../logs/line.ts'
import type { Sandbox } from '../../../../sandbox/sandbox.ts'
import type { DynoLine, ObservedDyno } from '../../../driver.ts'
import type { Outbox } from '../../output/outbox.ts'
import { readOutput } from '../../output/output.ts'
import { acceptingAddress } from '../../readiness.ts'
import type { StartOrder } from '../protocol.ts'
import type { FileSystems } from './file-systems.ts'
import { launch } from './launch.ts'
import type { Ports } from './ports.ts'
import { Program } from './program.ts'
import type { Records } from './records.ts'

/** What every dyno of a host needs of it. */
export interface Surroundings {
  sandbox: Sandbox
  fileSystems: FileSystems
  ports: Ports
  records: Records
  outbox: Outbox
  path: readonly string[]
  now: () => Instant
  changed(dyno: ObservedDyno): void
}

/** The life of one dyno: starting → running → (stopping →) exited. */
export class HostedDyno {
  /** Resolves when it has exited and its record says so. */
  readonly ended: Promise<void>
  readonly #order: StartOrder
  readonly #around: Surroundings
  #observed: ObservedDyno
  #program: Program | undefined
  #port: number | null = null
  /** Bytes of the lines it printed so far. */
  #printed = 0
  #isUp = false
  /** When it is to be killed, once it was asked to stop. */
  #killAt: Instant = Infinity
  #kill: NodeJS.Timeout | undefined
  readonly #killed = new AbortController()

  constructor(order: StartOrder, surroundings: Surroundings) {
    this.#order = order
    this.#around = surroundings
    this.#observed = firstObservation(order, surroundings.now())
    surroundings.records.save({ dyno: this.#observed, process: null })
    this.ended = this.#run()
  }

  get observed(): ObservedDyno {
    return this.#observed
  }

  /** SIGTERM now, SIGKILL after `grace`; a later call can only shorten the grace. */
  stop(grace: Duration): void {
    const killAt = this.#around.now() + grace
    if (this.#observed.state === 'exited' || killAt >= this.#killAt) return
    this.#killAt = killAt
    clearTimeout(this.#kill)
    this.#kill = setTimeout(() => this.#killAll(grace), grace)
    if (this.#isStopping) return
    this.#say('Stopping all processes with SIGTERM')
    this.#change({ state: 'stopping' })
    this.#program?.signal('SIGTERM')
  }

  async #run(): Promise<void> {
    let ending: Partial<ObservedDyno>
    try {
      ending = (await this.#launch()) ?? { exitStatus: await this.#live() }
    } catch (error) {
      ending = { fault: (error as Error).message }
    }
    await this.#program?.end().catch(() => {})
    clearTimeout(this.#kill)
    await this.#finish(ending)
  }

  /** Gets the program through its gate. Returns how it ended when it never came that far. */
  async #launch(): Promise<Partial<ObservedDyno> | undefined> {
    const { spec, layers, identity } = this.#order
    const { sandbox, fileSystems, ports, records, path, outbox } = this.#around
    if (!layers.ok) return { fault: layers.fault }
    if (spec.listens) this.#port = await ports.take()
    const files = await fileSystems.create(spec.id, layers.directories, identity)
    if (this.#isStopping) return { exitStatus: STOPPED }
    this.#say(`Starting process with command \`${spec.command}\``)
    const input = { spec, files, port: this.#port, path, identity }
    this.#program = await Program.start(sandbox.invocation(launch(input)))
    if (this.#isStopping) this.#program.signal('SIGTERM')
    readOutput(this.#program.output, { appId: spec.appId, outbox }, text => this.#print(text))
    const process = await this.#program.inPlace()
    if (process === undefined)
      return this.#isStopping ? { exitStatus: await this.#program.exited } : { fault: this.#failure() }
    records.save({ dyno: this.#observed, process })
    this.#program.release()
    if (!this.#isStopping)
      this.#change({ state: 'running', address: this.#port === null ? null : `127.0.0.1:${this.#port}` })
    return undefined
  }

  async #live(): Promise<number> {
    const program = this.#program as Program
    const over = new AbortController()
    if (this.#port === null) this.#comeUp()
    else void this.#watchPort(this.#port, over.signal)
    const status = await program.exited
    over.abort()
    // A shell in front may be gone while what it started still ends in order.
    if (this.#isStopping) await program.vanished(this.#killed.signal)
    return status
  }

  async #watchPort(port: number, signal: AbortSignal): Promise<void> {
    const address = await acceptingAddress(port, signal)
    if (address === undefined || signal.aborted) return
    this.#comeUp()
    this.#change({ isListening: true, address })
  }

  #comeUp(): void {
    this.#isUp = true
    this.#say('State changed from starting to up')
  }

  async #finish(ending: Partial<ObservedDyno>): Promise<void> {
    const { fileSystems, ports, records, now } = this.#around
    const { fault = null, exitStatus = null } = ending
    if (fault !== null) this.#say(platformError(fault))
    else this.#say(`Process exited with status ${exitStatus}`)
    this.#say(`State changed from ${this.#isUp ? 'up' : 'starting'} to ${this.#lastState}`, { isLast: true })
    fileSystems.discard(this.#observed.id)
    if (this.#port !== null) ports.release(this.#port)
    const exited = {
      ...this.#observed,
      state: 'exited' as const,
      isListening: false,
      exitedAt: now(),
      exitStatus,
      fault,
    }
    try {
      records.save({ dyno: exited, process: null })
    } catch (error) {
      // The next host finds its process gone and says the same; this one has other dynos to look after.
      console.error(`The end of dyno ${exited.id} could not be recorded: ${(error as Error).message}`)
    }
    this.#change(exited)
  }

  get #lastState(): 'complete' | 'down' | 'crashed' {
    if (this.#order.spec.kind !== 'formation') return 'complete'
    return this.#isStopping ? 'down' : 'crashed'
  }

  get #isStopping(): boolean {
    return this.#observed.state === 'stopping'
  }

  #failure(): string {
    return `The dyno could not be started: ${this.#program?.complaint || 'its program ended before it was in place.'}`
  }

  #killAll(grace: Duration): void {
    const limit = Math.round(grace / 1000)
    this.#say(
      `Error R12 (Exit timeout) -> At least one process failed to exit within ${limit} seconds of SIGTERM`,
    )
    this.#say('Stopping remaining processes with SIGKILL')
    this.#program?.signal('SIGKILL')
    this.#killed.abort()
  }

  #change(changes: Partial<ObservedDyno>): void {
    this.#observed = { ...this.#observed, ...changes }
    this.#around.changed(this.#observed)
  }

  /** A line the program printed. */
  #print(text: string): void {
    const entry = this.#line('app', text)
    const isKept = this.#around.outbox.add({ ...entry, offset: this.#printed, isLast: false })
    // A dropped line leaves no hole.
    if (isKept) this.#printed += Buffer.byteLength(text) + 1
  }

  /** A line of the dyno manager's own. */
  #say(text: string, { isLast = false } = {}): void {
    this.#around.outbox.addAlways({ ...this.#line('heroku', text), offset: null, isLast })
  }

  #line(source: LogLine['source'], text: string): Omit<DynoLine, 'offset' | 'isLast'> {
    const { appId, id, kind, name } = this.#order.spec
    return { appId, line: { at: this.#around.now(), source, dyno: name, text }, dyno: { id, kind } }
  }
}

/** Exit status of what SIGTERM ended before it ran. */
const STOPPED = 143

function firstObservation({ spec }: StartOrder, now: Instant): ObservedDyno {
  const { id, appId, releaseId, kind, name, type, number, fingerprint } = spec
  return {
    ...{ id, appId, releaseId, kind, name, type, number, fingerprint },
    ...{ state: 'starting', isListening: false, address: null, startedAt: now },
    ...{ exitedAt: null, exitStatus: null, fault: null },
  }
}
