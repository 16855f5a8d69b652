import type { BuildLog, ProgramStream } from '../build-log.ts'
import type { EngineMessage } from './engine-messages.ts'
import type { Instruction } from './instructions.ts'

const STEP = /^Step (\d+)\/\d+ : (.*)$/s
const STEP_DONE = /^ ---> ([0-9a-f]{12})\n$/
const RUNNING = /^ ---> Running in ([0-9a-f]{12})\n$/
const REMOVING = /^(?:(Error r)|R)emoving intermediate container ([0-9a-f]{12})(?:: .*)?\n$/s
const TRIGGERS = /^# Executing \d+ build trigger$/
/** What the builder says for itself. Nobody needs it to follow a build. */
const CHATTER = /^Successfully (built|tagged) .*\n$/
/** The engine paints red what programs print to stderr, which is not only complaints. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what this is about
const RED = /^\x1b\[91m(.*)\x1b\[0m$/s
const USING_CACHE = ' ---> Using cache\n'
const MAX_COMMAND = 200
/** Of one step: far more than any makes. */
const MAX_HINTS = 100
const INDENT = '       '

/** An id that the build printed. A program that is bent on it can have printed it: it is a hint, to be checked. */
export interface ProgressListener {
  onImage(id: string): void
  onContainer(id: string): void
}

/** What was said of one step. */
interface Said {
  hints: number
  /** Told last, when there were too many to tell each: what a step makes is said after all that its program prints. */
  untoldImage?: string
}

/**
 * Shows the person pushing how a build in the engine goes, and remembers how far it came.
 *
 * The engine and the programs of the build speak on the same stream. What comes between `Running in` a container and the
 * message, all by itself, that this container is removed is its program's, whatever it looks like. One that knows the id
 * of its own container can feign even that: the log then shows what it feigns, until the engine removes the container,
 * which says anew which step the build is at. So no fault is put down to a step that never was.
 */
export class BuildProgress {
  readonly #log: BuildLog
  readonly #instructions: readonly Instruction[]
  readonly #listener: ProgressListener
  readonly #said = new Map<number, Said>()
  /** The steps by the containers in which they run. */
  readonly #containers = new Map<string, number>()
  /** The container whose program speaks. */
  #running: string | undefined
  #programs: ProgramStream | undefined
  #step = 0
  #isTriggered = false

  constructor(log: BuildLog, instructions: readonly Instruction[], listener: ProgressListener) {
    this.#log = log
    this.#instructions = instructions
    this.#listener = listener
  }

  /** The instruction that is carried out now, or was last. */
  get instruction(): Instruction | undefined {
    return this.#instructions[this.#step - 1]
  }

  /** Whether that is a FROM whose image is there, and which does what the image asks for (ONBUILD). */
  get isTriggered(): boolean {
    return this.#isTriggered
  }

  take({ stream, status, id, progressDetail }: EngineMessage): void {
    if (stream !== undefined) this.#stream(stream)
    if (status !== undefined && progressDetail === undefined) this.#status(id, status)
  }

  end(): void {
    this.#endProgram()
    for (const { untoldImage } of this.#said.values())
      if (untoldImage !== undefined) this.#listener.onImage(untoldImage)
  }

  #stream(text: string): void {
    const [, error, container = ''] = REMOVING.exec(text) ?? []
    const step = this.#containers.get(container)
    // What could not be removed is tried again with each step: it says nothing of where the build is.
    if (step !== undefined) this.#over(error ? this.#step : step)
    else if (this.#running !== undefined) this.#print(text)
    else this.#engine(text)
  }

  /** What the engine says itself. */
  #engine(text: string): void {
    const step = STEP.exec(text)
    if (step) this.#begin(Number(step[1]), step[2] ?? '')
    else if (STEP_DONE.test(text)) this.#image(STEP_DONE.exec(text)?.[1] ?? '')
    else if (RUNNING.test(text)) this.#container(RUNNING.exec(text)?.[1] ?? '')
    else if (text === USING_CACHE) this.#usesCache()
    else if (!this.#isChatter(text)) this.#print(text)
    this.#isTriggered ||= TRIGGERS.test(text)
  }

  /** What the builder says in several pieces ends with a line's end by itself; so does that a step begins. */
  #isChatter(text: string): boolean {
    return CHATTER.test(text) || (text === '\n' && this.#programs === undefined)
  }

  #begin(step: number, command: string): void {
    this.#endProgram()
    this.#step = step
    this.#isTriggered = false
    const shown = command.replace(/\s+/g, ' ').slice(0, MAX_COMMAND)
    this.#log.step(`Step ${step}/${this.#instructions.length}: ${shown}`)
  }

  #usesCache(): void {
    this.#endProgram()
    this.#log.detail('Using cache')
  }

  #over(step: number): void {
    this.#endProgram()
    this.#running = undefined
    this.#step = step
  }

  #endProgram(): void {
    this.#programs?.end()
    this.#programs = undefined
  }

  #ofStep(): Said {
    // There are as many steps as were written: who feigns more has them counted as the last.
    const step = Math.min(this.#step, this.#instructions.length)
    const said = this.#said.get(step) ?? { hints: 0 }
    this.#said.set(step, said)
    return said
  }

  #image(id: string): void {
    const said = this.#ofStep()
    if (said.hints++ < MAX_HINTS) this.#listener.onImage(id)
    else said.untoldImage = id
  }

  #container(id: string): void {
    this.#endProgram()
    if (this.#ofStep().hints++ >= MAX_HINTS) return
    this.#running = id
    this.#containers.set(id, this.#step)
    this.#listener.onContainer(id)
  }

  #print(text: string): void {
    this.#programs ??= this.#log.stream(INDENT)
    this.#programs.write(Buffer.from(RED.exec(text)?.[1] ?? text))
  }

  #status(id: string | undefined, status: string): void {
    if (id === undefined || status.startsWith('Pulling from')) this.#log.detail(status)
  }
}
