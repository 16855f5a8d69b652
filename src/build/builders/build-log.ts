import { StringDecoder } from 'node:string_decoder'
import type { BuildOutput } from '../builder.ts'
import { plain, printable } from '../printable.ts'
import { byteSize } from './byte-size.ts'

export interface LogLimits {
  /** Bytes a build's programs may print; the rest is dropped, and one line says so. */
  total: number
  /** Characters of one line; the rest of it is cut. */
  line: number
}

/** How long a line that has not ended yet is kept back. */
const PARTIAL = 200

/** What the person pushing sees of a build: the builder's own lines, and what its programs print, made harmless. */
export class BuildLog {
  readonly #output: BuildOutput
  readonly #limits: LogLimits
  #left: number

  constructor(output: BuildOutput, limits: LogLimits) {
    this.#output = output
    this.#limits = limits
    this.#left = limits.total
  }

  /** `-----> text` */
  step(text: string): void {
    this.#output(`-----> ${printable(text)}\n`)
  }

  /** Seven spaces and the text. */
  detail(text: string): void {
    this.#output(`       ${printable(text)}\n`)
  }

  /** A sentence to whoever pushes: ` !     sentence`. */
  remark(sentence: string): void {
    this.#output(` !     ${plain(sentence).replace(/\s*\n\s*/g, ' ')}\n`)
  }

  /** A line as it is, or a part of one. */
  raw(text: string): void {
    this.#output(text)
  }

  /** Takes one stream of a program, each of its lines to begin with `indent`. `end` says what is left of its last line. */
  stream(indent = ''): ProgramStream {
    return new ProgramStream(text => this.#program(text), this.#limits.line, indent)
  }

  #program(text: string): void {
    if (this.#left <= 0) return
    const shown = printable(text)
    this.#left -= Buffer.byteLength(shown)
    this.#output(shown)
    if (this.#left > 0) return
    const end = shown.endsWith('\n') ? '' : '\n'
    this.#output(
      `${end}       The output is longer than ${byteSize(this.#limits.total)}: the rest is not shown.\n`,
    )
  }
}

/** Turns a program's bytes into lines. */
export class ProgramStream {
  readonly #emit: (text: string) => void
  readonly #maxLine: number
  readonly #indent: string
  readonly #decoder = new StringDecoder('utf8')
  #pending = ''
  #held = ''
  /** Characters of the current line that were handed on already. */
  #shown = 0
  #isCut = false
  #timer: NodeJS.Timeout | undefined

  constructor(emit: (text: string) => void, maxLine: number, indent = '') {
    this.#emit = emit
    this.#maxLine = maxLine
    this.#indent = indent
  }

  write(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk))
  }

  end(): void {
    this.#take(this.#decoder.end())
    clearTimeout(this.#timer)
    if (this.#pending !== '' || this.#shown > 0) this.#endLine()
  }

  /** A carriage return, as progress bars use it, ends a line like a line feed does. */
  #take(text: string): void {
    clearTimeout(this.#timer)
    const whole = this.#held + text
    // The line feed that belongs to a carriage return may be in the next chunk.
    this.#held = /\r*$/.exec(whole)?.[0] ?? ''
    const lines = whole.slice(0, whole.length - this.#held.length).split(/\r*\n|\r/)
    const rest = lines.pop() ?? ''
    for (const line of lines) {
      this.#append(line)
      this.#endLine()
    }
    this.#append(rest)
    if (this.#pending !== '') this.#timer = setTimeout(() => this.#flush(), PARTIAL)
  }

  #append(text: string): void {
    const room = this.#maxLine - this.#shown - this.#pending.length
    if (text.length > room) this.#isCut = true
    this.#pending += text.slice(0, Math.max(0, room))
  }

  #endLine(): void {
    this.#emit(`${this.#beginning()}${this.#pending}${this.#isCut ? ' … (line cut)' : ''}\n`)
    this.#pending = ''
    this.#shown = 0
    this.#isCut = false
  }

  #beginning(): string {
    return this.#shown === 0 ? this.#indent : ''
  }

  /** Shows a line that is still being written, but no half of an escape sequence. */
  #flush(): void {
    const sequence = this.#pending.lastIndexOf('\x1b')
    const whole =
      sequence === -1 || /[@-Z\\-~]/.test(this.#pending.slice(sequence + 1)) ? this.#pending.length : sequence
    if (whole === 0) return
    this.#emit(this.#beginning() + this.#pending.slice(0, whole))
    this.#shown += whole
    this.#pending = this.#pending.slice(whole)
  }
}
