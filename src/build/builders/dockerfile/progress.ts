import type { BuildLog, ProgramStream } from '../build-log.ts'
import type { EngineMessage } from './engine-messages.ts'
import type { Instruction } from './instructions.ts'

const STEP = /^Step (\d+)\/(\d+) : (.*)$/s
const STEP_DONE = /^ ---> ([0-9a-f]{12})\n$/
const RUNNING = /^ ---> Running in ([0-9a-f]{12})\n$/
/** What the builder says for itself. Nobody needs it to follow a build. */
const CHATTER = /^(\n|Removing intermediate container [0-9a-f]+\n|Successfully (built|tagged) .*\n)$/
/** The engine paints red what programs print to stderr, which is not only complaints. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what this is about
const RED = /^\x1b\[91m(.*)\x1b\[0m$/s
const USING_CACHE = ' ---> Using cache\n'
const MAX_COMMAND = 200
/** Of one step: far more than any makes. */
const MAX_HINTS = 100
const INDENT = '       '

/** A name that the build printed. Any program of it can print such a line: it is a hint, to be checked. */
export interface ProgressListener {
  onImage(id: string): void
  onContainer(id: string): void
}

/** Shows the person pushing how a build in the engine goes, and remembers how far it came. */
export class BuildProgress {
  readonly #log: BuildLog
  readonly #instructions: readonly Instruction[]
  readonly #listener: ProgressListener
  #programs: ProgramStream | undefined
  #step = 0
  #hints = 0
  /** What a step makes is said last, after all that its program printed. */
  #lastImage: string | undefined

  constructor(log: BuildLog, instructions: readonly Instruction[], listener: ProgressListener) {
    this.#log = log
    this.#instructions = instructions
    this.#listener = listener
  }

  /** The instruction that is carried out now, or was last. */
  get instruction(): Instruction | undefined {
    return this.#instructions[this.#step - 1]
  }

  take({ stream, status, id, progressDetail }: EngineMessage): void {
    if (stream !== undefined) this.#stream(stream)
    if (status !== undefined && progressDetail === undefined) this.#status(id, status)
  }

  end(): void {
    this.#endProgram()
    this.#tellLastImage()
  }

  #stream(text: string): void {
    const step = STEP.exec(text)
    if (step && Number(step[1]) === this.#step + 1) this.#begin(step[3] ?? '')
    else if (STEP_DONE.test(text)) this.#image(STEP_DONE.exec(text)?.[1] ?? '')
    else if (RUNNING.test(text)) this.#container(RUNNING.exec(text)?.[1] ?? '')
    else if (text === USING_CACHE) this.#own(() => this.#log.detail('Using cache'))
    else if (!CHATTER.test(text)) this.#print(text)
  }

  #begin(command: string): void {
    this.#endProgram()
    // A program may print that a step begins, too: there are as many as were written, and our label.
    if (this.#step++ <= this.#instructions.length) {
      this.#tellLastImage()
      this.#hints = 0
    }
    const shown = command.replace(/\s+/g, ' ').slice(0, MAX_COMMAND)
    this.#own(() => this.#log.step(`Step ${this.#step}/${this.#instructions.length}: ${shown}`))
  }

  /** The last steps are our own labels, which nobody wrote. */
  #own(show: () => void): void {
    if (this.#step <= this.#instructions.length) show()
  }

  #endProgram(): void {
    this.#programs?.end()
    this.#programs = undefined
  }

  #tellLastImage(): void {
    if (this.#lastImage !== undefined) this.#listener.onImage(this.#lastImage)
    this.#lastImage = undefined
  }

  #image(id: string): void {
    if (this.#hints++ < MAX_HINTS) this.#listener.onImage(id)
    else this.#lastImage = id
  }

  /** It is said first, before its program prints anything. */
  #container(id: string): void {
    if (this.#hints++ < MAX_HINTS) this.#listener.onContainer(id)
  }

  #print(text: string): void {
    this.#programs ??= this.#log.stream(INDENT)
    this.#programs.write(Buffer.from(RED.exec(text)?.[1] ?? text))
  }

  #status(id: string | undefined, status: string): void {
    if (id === undefined || status.startsWith('Pulling from')) this.#log.detail(status)
  }
}
