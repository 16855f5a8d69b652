import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Home } from './home.ts'

const WITHIN = 60_000

/** A program that is read, and answered, while it runs. */
export class RunningCommand implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown>
  #unread = ''
  #hasEnded = false

  constructor(file: string, args: readonly string[], { cwd, env }: Pick<Home, 'cwd' | 'env'>) {
    this.#child = spawn(file, args, { cwd, env })
    this.#closed = once(this.#child, 'close').then(() => {
      this.#hasEnded = true
      this.#child.emit('heard')
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        this.#unread += text
        this.#child.emit('heard')
      })
    }
  }

  /** Waits until it has said so since it was last asked; returns what it said up to there. */
  async says(words: RegExp): Promise<string> {
    const limit = AbortSignal.timeout(WITHIN)
    for (;;) {
      const found = words.exec(this.#unread)
      if (found) {
        const end = found.index + found[0].length
        const said = this.#unread.slice(0, end)
        this.#unread = this.#unread.slice(end)
        return said
      }
      if (this.#hasEnded) throw new Error(`It ended without saying ${words}:\n${this.#unread}`)
      await once(this.#child, 'heard', { signal: limit }).catch(cause => {
        throw new Error(`It did not say ${words} in time:\n${this.#unread}`, { cause })
      })
    }
  }

  types(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Waits for its end; answers its exit status. */
  async end(): Promise<number | null> {
    await this.#closed
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
  }
}
