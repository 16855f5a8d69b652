import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { Duration, Instant } from '../../../core/time.ts'
import { ask, statusOf } from '../../../docker/engine.ts'
import type { DynoLine, ObservedDyno } from '../../driver.ts'
import { accepting, accepts } from '../readiness.ts'
import { type HeldNetwork, hostOf, PORT } from './container-network.ts'
import { DynoEnd } from './dyno-end.ts'
import { DynoLines } from './dyno-lines.ts'
import { BEGINNING, rest } from './dyno-log.ts'
import { DynoState } from './dyno-state.ts'
import type { Labelled } from './labels.ts'
import { overQuota } from './memory.ts'
import {
  addressOf,
  type Ending,
  endingOf,
  exitOf,
  faultEnding,
  firstObservation,
  hasStarted,
  KILLED,
  STOPPED,
  signalEnding,
} from './observation.ts'
import { newFacts } from './records.ts'
import { startContainer } from './start-container.ts'
import type { Origin, Surroundings } from './surroundings.ts'

/** How long the news of an exit waits for what was printed before it. */
const DRAIN_TIMEOUT: Duration = 5000

/** The life of one dyno: starting → running → (stopping →) exited. The engine leads it; this follows, and asks. */
export class ContainerDyno {
  readonly labelled: Labelled
  readonly container: string | null
  readonly #engineSide: Docker.Container
  readonly #command: string
  readonly #around: Surroundings
  readonly #lines: DynoLines
  readonly #over = Promise.withResolvers<Ending>()
  readonly #ended = Promise.withResolvers<void>()
  /** Resolves when it has exited and its record says so. */
  readonly ended = this.#ended.promise
  /** Aborts when it is over. */
  readonly #exit = new AbortController()
  readonly #state: DynoState
  readonly #end: DynoEnd
  #hasBegun = false
  #hasLostNetwork = false
  #isOutOfMemory = false
  #network: HeldNetwork | null

  constructor(labelled: Labelled, { container, network, command, record }: Origin, around: Surroundings) {
    this.labelled = labelled
    this.container = container
    this.#network = network
    this.#engineSide = around.engine.getContainer(container ?? '')
    this.#command = command
    this.#around = around
    const { place = BEGINNING, own = [] } = record ?? {}
    this.#lines = new DynoLines(labelled, { place, own }, around)
    this.#state = new DynoState(record ?? newFacts(firstObservation(labelled)), this.#lines, around)
    const of = { container: this.#engineSide, name: labelled.name, state: this.#state, now: around.now }
    const missed = () => this.refresh()
    const signal = AbortSignal.any([this.#exit.signal, around.signal])
    this.#end = new DynoEnd({ ...of, missed, signal }, place.moment !== '')
    if (this.#state.hasExited) this.#exit.abort()
  }

  get network(): HeldNetwork | null {
    return this.#network
  }

  get observed(): ObservedDyno {
    return this.#state.observed
  }

  get isForgotten(): boolean {
    return this.#state.facts.isForgotten
  }

  /** Nothing of it is left to be told. */
  get isSettled(): boolean {
    return this.#state.isSettled
  }

  /** Leads its life from here on. What `info` tells of a dyno that runs already is known when it resolves. */
  async begin(info?: ContainerInspectInfo): Promise<void> {
    if (info !== undefined && !this.#state.hasExited) await this.#adopt(info)
    void this.#run(info === undefined)
  }

  /** It has ended already: it never had a container, or has none any more. */
  end(ending: Ending): void {
    this.#finish(ending)
    void this.#run(false)
  }

  /** Asks the engine how it is. An engine that does not answer is asked again when it is back. */
  async refresh(): Promise<void> {
    if (this.#exit.signal.aborted || this.container === null) return
    try {
      this.#see(await ask('inspect a dyno', this.#engineSide.inspect()))
    } catch (error) {
      if (statusOf(error) !== 404) return
      // Somebody removed the container, which kills what is in it.
      this.#finish(signalEnding(KILLED, this.#around.now()))
    }
  }

  /** SIGTERM now, SIGKILL after `grace`; a later call can only shorten the grace. */
  stop(grace: Duration): void {
    this.#end.stop(grace)
  }

  /** The engine ended one of its processes for want of memory: none of them goes on. */
  outOfMemory(): void {
    this.#isOutOfMemory = true
    this.#end.kill()
  }

  /** It runs, and what held its network is gone: nobody reaches it any more, and it reaches nobody. */
  loseNetwork(): void {
    if (this.#hasLostNetwork || this.#exit.signal.aborted) return
    this.#hasLostNetwork = true
    this.#state.say('Its network is gone: the container that held it has ended')
    this.#end.kill()
  }

  /** Says so when it takes more memory than its size has. */
  measured(bytes: number): void {
    if (this.#state.hasExited) return
    for (const text of overQuota(bytes, this.labelled.size)) this.#state.say(text)
  }

  forget(): void {
    this.#state.note({ isForgotten: true })
  }

  /** Somebody keeps these lines of it from now on. */
  taken(lines: readonly DynoLine[]): void {
    for (const line of lines) this.#lines.taken(line)
    this.#state.save()
    if (this.isSettled) this.#around.settled(this.labelled.id)
  }

  /** Leaves it as it is. */
  letGo(): void {
    this.#end.letGo()
  }

  async #run(isNew: boolean): Promise<void> {
    const { signal } = this.#around
    const isThere = this.container !== null && (this.#state.hasExited || (await this.#launch(isNew)))
    const ways = { inPlace: (at: Instant) => this.#inPlace(at), over: this.#exit.signal, signal }
    const reading = isThere ? this.#lines.read(this.#engineSide, ways) : Promise.resolve()
    void reading.then(() => this.refresh())
    const ending = this.#state.hasExited ? this.observed : await this.#over.promise
    this.letGo()
    const told = reading.then(() => {
      if (!signal.aborted) this.#state.tell(ending, { isOutOfMemory: this.#isOutOfMemory })
    })
    await Promise.race([told, rest(DRAIN_TIMEOUT, signal)])
    // The next control plane goes on from here.
    if (signal.aborted) return
    if (!this.#state.hasExited) this.#state.change(exitOf(ending))
    this.#ended.resolve()
    await told
    if (this.isSettled) this.#around.settled(this.labelled.id)
  }

  /** Gets it running. False when it never came that far. */
  async #launch(isNew: boolean): Promise<boolean> {
    const { signal, now } = this.#around
    if (this.#hasBegun) return true
    if (this.#state.isStopping) {
      this.#finish(signalEnding(STOPPED, now()))
      return false
    }
    this.#state.say(`Starting process with command \`${this.#command}\``)
    try {
      const toStart = { id: this.container ?? '', name: this.labelled.name, isNew, network: this.#network }
      this.#network = await startContainer(this.#around.engine, toStart, signal)
    } catch (error) {
      if (!signal.aborted) this.#finish(faultEnding(error as Error, now()))
      return false
    }
    await this.refresh()
    return true
  }

  /** Takes over a dyno that an earlier control plane started, as it is. */
  async #adopt(info: ContainerInspectInfo): Promise<void> {
    const host = hostOf(info, this.#network)
    this.#end.goOn()
    const isUp = this.labelled.listens && info.State.Running && host !== null && (await accepts(host, PORT))
    this.#see(info, isUp)
  }

  #see(info: ContainerInspectInfo, isListening = false): void {
    if (!hasStarted(info) || this.#exit.signal.aborted) return
    if (!this.#hasBegun) this.#begin(hostOf(info, this.#network), isListening)
    if (info.State.Running) return
    this.#isOutOfMemory ||= info.State.OOMKilled
    this.#finish(endingOf(info))
  }

  #begin(host: string | null, isListening: boolean): void {
    this.#hasBegun = true
    const { listens } = this.labelled
    const state = this.#state.isStopping ? 'stopping' : 'running'
    const isReady = listens && isListening
    if (isReady) this.#comeUp()
    this.#state.change({ state, isListening: isReady, address: listens ? addressOf(host) : null })
    if (listens && !isReady && host !== null) void this.#watchPort(host)
  }

  async #watchPort(host: string): Promise<void> {
    const signal = AbortSignal.any([this.#exit.signal, this.#around.signal])
    if (!(await accepting(host, PORT, signal)) || signal.aborted) return
    this.#end.hears()
    this.#comeUp()
    this.#state.change({ isListening: true })
  }

  #inPlace(at: Instant): void {
    this.#end.hears()
    if (!this.labelled.listens) this.#comeUp(at)
  }

  #comeUp(at?: Instant): void {
    if (this.#state.facts.isUp) return
    this.#lines.say('State changed from starting to up', at)
    this.#state.note({ isUp: true })
  }

  #finish(ending: Ending): void {
    this.#exit.abort()
    this.#over.resolve(ending)
  }
}
