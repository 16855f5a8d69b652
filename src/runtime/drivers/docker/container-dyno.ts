import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { Duration, Instant } from '../../../core/time.ts'
import { ask, statusOf } from '../../../docker/engine.ts'
import type { DynoLine, ObservedDyno } from '../../driver.ts'
import type { Outbox } from '../process/host/outbox.ts'
import { pace } from '../process/host/output.ts'
import { accepting, accepts } from '../process/host/readiness.ts'
import { PORT } from './container.ts'
import { DynoEnd } from './dyno-end.ts'
import { DynoLines } from './dyno-lines.ts'
import { BEGINNING, DynoLog, rest } from './dyno-log.ts'
import { dynoSize } from './dyno-size.ts'
import type { Labelled } from './labels.ts'
import {
  addressOf,
  type Ending,
  endingLines,
  endingOf,
  faultEnding,
  firstObservation,
  hasStarted,
  hostOf,
} from './observation.ts'
import { type DynoRecord, newRecord, type Records } from './records.ts'
import { startContainer } from './start-container.ts'

/** What every dyno of a driver has in common. */
export interface Surroundings {
  engine: Docker
  records: Records
  outbox: Outbox
  now: () => Instant
  /** Aborts when the control plane lets go of its dynos. */
  signal: AbortSignal
  changed(dyno: ObservedDyno): void
  /** It has exited, and all its lines were taken: its container is of no use any more. */
  settled(dyno: ContainerDyno): void
}

interface Origin {
  /** null when it never got one. */
  container: string | null
  command: string
  record?: DynoRecord | undefined
}

/** Exit status of what SIGTERM ended before it ran, and of what was killed. */
const STOPPED = 143
const KILLED = 137
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
  /** Aborts when it is over. */
  readonly #exit = new AbortController()
  #record: Omit<DynoRecord, 'own' | 'place'>
  readonly #end: DynoEnd
  #hasBegun = false
  #isOutOfMemory = false

  constructor(labelled: Labelled, { container, command, record }: Origin, around: Surroundings) {
    this.labelled = labelled
    this.container = container
    this.#engineSide = around.engine.getContainer(container ?? '')
    this.#command = command
    this.#around = around
    const { place = BEGINNING, own = [] } = record ?? {}
    this.#lines = new DynoLines(labelled, { place, own }, around)
    this.#record = record ?? newRecord(firstObservation(labelled))
    const says = {
      say: (text: string) => this.#say(text),
      missed: () => this.refresh(),
      signal: AbortSignal.any([this.#exit.signal, around.signal]),
    }
    const hears = place.moment !== ''
    this.#end = new DynoEnd({ container: this.#engineSide, name: labelled.name, ...says }, hears)
    if (this.#hasExited) this.#exit.abort()
    this.#save()
  }

  get observed(): ObservedDyno {
    return this.#record.dyno
  }

  get isForgotten(): boolean {
    return this.#record.isForgotten
  }

  /** Nothing of it is left to be told. */
  get isSettled(): boolean {
    return this.#hasExited && this.#record.hasSaidEnding && this.#lines.areAllTaken
  }

  /** Resolves when it has exited and its record says so. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Leads its life from here on. What `info` tells of a dyno that runs already is known when it resolves. */
  async begin(info?: ContainerInspectInfo): Promise<void> {
    if (info !== undefined && !this.#hasExited) await this.#adopt(info)
    void this.#run()
  }

  /** It has ended already: it never had a container, or has none any more. */
  end(ending: Ending): void {
    this.#finish(ending)
    void this.#run()
  }

  /** Asks the engine how it is. An engine that does not answer is asked again when it is back. */
  async refresh(): Promise<void> {
    if (this.#exit.signal.aborted || this.container === null) return
    try {
      this.#see(await ask('inspect a dyno', this.#engineSide.inspect()))
    } catch (error) {
      if (statusOf(error) !== 404) return
      // Somebody removed the container, which kills what is in it.
      this.#finish({ exitStatus: KILLED, exitedAt: this.#around.now(), fault: null })
    }
  }

  /** SIGTERM now, SIGKILL after `grace`; a later call can only shorten the grace. */
  stop(grace: Duration): void {
    if (this.#hasExited) return
    if (!this.#isStopping) {
      const graceSeconds = Math.round(grace / 1000)
      this.#record = { ...this.#record, killAt: this.#around.now() + grace, graceSeconds }
      this.#lines.say('Stopping all processes with SIGTERM')
      this.#change({ state: 'stopping' })
      this.#end.begin(grace, graceSeconds)
    } else if (grace === 0) {
      this.#end.expire(0)
    }
  }

  /** The engine ended one of its processes for want of memory: none of them goes on. */
  outOfMemory(): void {
    this.#isOutOfMemory = true
    this.#end.kill()
  }

  /** Says so when it takes more memory than its size has. */
  measured(bytes: number): void {
    const { memory } = dynoSize(this.labelled.size)
    if (bytes <= memory || this.#hasExited) return
    const used = `mem=${Math.round(bytes / 1024 ** 2)}M(${((bytes / memory) * 100).toFixed(1)}%)`
    for (const text of [`Process running ${used}`, 'Error R14 (Memory quota exceeded)']) this.#say(text)
  }

  forget(): void {
    this.#record = { ...this.#record, isForgotten: true }
    this.#save()
  }

  /** Somebody keeps these lines of it from now on. */
  taken(lines: readonly DynoLine[]): void {
    for (const line of lines) this.#lines.taken(line)
    this.#save()
    this.#settle()
  }

  /** Leaves it as it is. */
  letGo(): void {
    this.#end.letGo()
  }

  async #run(): Promise<void> {
    const { signal } = this.#around
    const isThere = this.container !== null && (this.#hasExited || (await this.#launch()))
    const reading = isThere ? this.#read() : Promise.resolve()
    void reading.then(() => this.refresh())
    const ending = this.#hasExited ? this.observed : await this.#over.promise
    this.#end.letGo()
    const told = reading.then(() => this.#tell(ending))
    await Promise.race([told, rest(DRAIN_TIMEOUT, signal)])
    // The next control plane goes on from here.
    if (signal.aborted) return
    const { exitStatus, exitedAt, fault } = ending
    if (!this.#hasExited) this.#change({ state: 'exited', isListening: false, exitedAt, exitStatus, fault })
    this.#ended.resolve()
    await told
    this.#settle()
  }

  /** Gets it running. False when it never came that far. */
  async #launch(): Promise<boolean> {
    const { signal, now } = this.#around
    if (this.#hasBegun) return true
    if (this.#isStopping) {
      this.#finish({ exitStatus: STOPPED, exitedAt: now(), fault: null })
      return false
    }
    this.#say(`Starting process with command \`${this.#command}\``)
    try {
      await startContainer(this.#engineSide, this.labelled.name, signal)
    } catch (error) {
      if (!signal.aborted) this.#finish(faultEnding(error as Error, now()))
      return false
    }
    await this.refresh()
    return true
  }

  /** Reads what it prints, to the end. */
  #read(): Promise<void> {
    const { outbox, signal } = this.#around
    const log = new DynoLog(this.#engineSide, this.#lines.place, {
      line: (line, after) => this.#lines.print(line, after),
      inPlace: () => this.#end.hears(),
      gap: since => this.#lines.reportGap(since),
      reading: stream => pace(stream, { appId: this.labelled.appId, outbox }),
    })
    return log.read(signal, this.#exit.signal)
  }

  /** Takes over a dyno that an earlier control plane started, as it is. */
  async #adopt(info: ContainerInspectInfo): Promise<void> {
    const host = hostOf(info)
    const { killAt, graceSeconds } = this.#record
    if (killAt !== null) this.#end.begin(killAt - this.#around.now(), graceSeconds)
    const isUp = this.labelled.listens && info.State.Running && host !== null && (await accepts(host, PORT))
    this.#see(info, isUp)
  }

  #see(info: ContainerInspectInfo, isListening = false): void {
    if (!hasStarted(info) || this.#exit.signal.aborted) return
    if (!this.#hasBegun) this.#begin(hostOf(info), isListening)
    const ending = endingOf(info)
    if (ending === undefined) return
    this.#isOutOfMemory ||= info.State.OOMKilled
    this.#finish(ending)
  }

  #begin(host: string | null, isListening: boolean): void {
    this.#hasBegun = true
    const { listens } = this.labelled
    const state = this.#isStopping ? 'stopping' : 'running'
    const isReady = listens && isListening
    if (isReady || !listens) this.#comeUp()
    this.#change({ state, isListening: isReady, address: listens ? addressOf(host) : null })
    if (listens && !isReady && host !== null) void this.#watchPort(host)
  }

  async #watchPort(host: string): Promise<void> {
    const signal = AbortSignal.any([this.#exit.signal, this.#around.signal])
    if (!(await accepting(host, PORT, signal)) || signal.aborted) return
    this.#comeUp()
    this.#change({ isListening: true })
  }

  #comeUp(): void {
    if (this.#record.isUp) return
    this.#record = { ...this.#record, isUp: true }
    this.#lines.say('State changed from starting to up')
  }

  #finish(ending: Ending): void {
    this.#exit.abort()
    this.#over.resolve(ending)
  }

  /** Says how it ended: the last that is heard of it. */
  #tell(ending: Ending): void {
    if (this.#around.signal.aborted) return
    const { hasSaidEnding, isUp } = this.#record
    if (hasSaidEnding) {
      this.#lines.sendEnding()
      return
    }
    const { kind } = this.labelled
    const of = { kind, isUp, isStopping: this.#isStopping, isOutOfMemory: this.#isOutOfMemory }
    this.#lines.sayEnding(endingLines(ending, of))
    this.#record = { ...this.#record, hasSaidEnding: true }
    this.#save()
  }

  #say(text: string): void {
    this.#lines.say(text)
    this.#save()
  }

  #settle(): void {
    if (this.isSettled) this.#around.settled(this)
  }

  get #isStopping(): boolean {
    return this.#record.killAt !== null
  }

  get #hasExited(): boolean {
    return this.observed.state === 'exited'
  }

  #change(changes: Partial<ObservedDyno>): void {
    this.#record = { ...this.#record, dyno: { ...this.observed, ...changes } }
    this.#save()
    this.#around.changed(this.observed)
  }

  #save(): void {
    const { own, place } = this.#lines
    this.#around.records.save({ ...this.#record, own, place })
  }
}
