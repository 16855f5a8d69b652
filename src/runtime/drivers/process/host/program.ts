import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import type { Duplex, Readable } from 'node:stream'
import type { Duration } from '../../../../core/time.ts'
import type { Invocation } from '../../../../sandbox/sandbox.ts'
import { GATE, GO, IN_PLACE } from './launch.ts'
import { findMembers, holdNamespace, identify, killMembers, type ProcessIdentity } from './processes.ts'

const MAX_COMPLAINT = 2000
const DRAIN_TIMEOUT: Duration = 5000
const POLL: Duration = 20

/** A dyno's processes: the one that was started, and whatever it starts in its session and namespace. */
export class Program {
  readonly output: Readable
  /** Exit status of the first process, as a shell shows it. */
  readonly exited: Promise<number>
  readonly #child: ChildProcess
  readonly #gate: Duplex
  /** Resolves after whoever reads the output has seen its end. */
  readonly #drained: Promise<unknown>
  #identity: ProcessIdentity | undefined
  #releaseNamespace: () => void = () => {}
  #complaint = ''

  /** Starts the program up to its gate. Rejects when it cannot be started at all. */
  static async start({ file, args, environment, workingDirectory, uid, gid }: Invocation): Promise<Program> {
    const child = spawn(file, args, {
      env: environment,
      cwd: workingDirectory,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    })
    const program = new Program(child)
    await once(child, 'spawn')
    return program
  }

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#gate = child.stdio[GATE] as Duplex
    this.#gate.on('error', () => {})
    this.output = child.stdout as Readable
    this.#drained = new Promise(resolve => this.output.once('close', resolve))
    this.exited = new Promise(resolve => {
      child.once('exit', (status, signal) =>
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      )
    })
    // Standard error is that of whoever prepares the program; the program itself writes to standard output only.
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(0, MAX_COMPLAINT)
    })
  }

  /** Who it is, once everything around it is in place; undefined when it ended before. */
  async inPlace(): Promise<ProcessIdentity | undefined> {
    const arrived = new Promise<boolean>(resolve => {
      let text = ''
      this.#gate.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
        if (text.includes(IN_PLACE)) resolve(true)
      })
    })
    const isInPlace = await Promise.race([arrived, this.exited.then(() => false)])
    this.#identity = isInPlace ? identify(this.#child.pid as number) : undefined
    if (this.#identity !== undefined) this.#releaseNamespace = holdNamespace(this.#identity)
    return this.#identity
  }

  /** Lets it become the dyno's command. */
  release(): void {
    this.#gate.end(GO)
  }

  /** Closes the gate, as the end of the host does: the program ends before its command begins. */
  abandon(): void {
    this.#gate.destroy()
  }

  /** What those who prepare the program had to say, when it never got into place. */
  get complaint(): string {
    return this.#complaint.trim()
  }

  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#child.pid as number), signal)
    } catch {
      // The group is gone already.
    }
    if (signal === 'SIGKILL' && this.#identity !== undefined) killMembers(this.#identity)
  }

  /** Resolves when no process of it is left, or `until` aborts. */
  async vanished(until: AbortSignal): Promise<void> {
    while (!until.aborted && this.#hasMembers()) await new Promise(resolve => setTimeout(resolve, POLL))
  }

  /** Kills whatever is left and resolves when all it printed was read. */
  async end(): Promise<void> {
    const limit = AbortSignal.timeout(DRAIN_TIMEOUT)
    while (this.#hasMembers() && !limit.aborted) {
      this.signal('SIGKILL')
      await this.vanished(AbortSignal.timeout(POLL))
    }
    // From here on a namespace of the same number is another dyno's.
    this.#identity = undefined
    this.#releaseNamespace()
    this.abandon()
    if (limit.aborted) this.output.destroy()
    limit.addEventListener('abort', () => this.output.destroy())
    await this.#drained
    this.#child.stderr?.destroy()
  }

  #hasMembers(): boolean {
    return this.#identity !== undefined && findMembers(this.#identity).length > 0
  }
}
