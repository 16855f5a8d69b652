import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** What the command line says: results on stdout, everything about how it goes on stderr. */
export class Output {
  readonly stdout: WriteStream
  readonly stderr: WriteStream
  readonly #hasColour: boolean

  constructor(stdout: WriteStream, stderr: WriteStream, env: NodeJS.ProcessEnv) {
    this.stdout = stdout
    this.stderr = stderr
    this.#hasColour = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
    // A reader that has seen enough (`| head`) is no fault of ours.
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit()
    })
  }

  /** The width a line may take; nothing is cut when nobody is looking. */
  get columns(): number {
    return this.stdout.isTTY ? Math.max(this.stdout.columns, 80) : Number.POSITIVE_INFINITY
  }

  print(...lines: readonly string[]): void {
    for (const line of lines) this.stdout.write(`${line}\n`)
  }

  json(value: unknown): void {
    this.print(JSON.stringify(value, null, 2))
  }

  note(text: string): void {
    this.stderr.write(`${text}\n`)
  }

  warn(text: string): void {
    this.#say('Warning: ', text)
  }

  error(text: string): void {
    this.#say('', text)
  }

  /** `text` in a style on a terminal, plain elsewhere. */
  style(style: Style, text: string): string {
    return this.#hasColour ? styleText(style, text, { validateStream: false }) : text
  }

  #say(label: string, text: string): void {
    const lines = text.trimEnd().split('\n')
    this.stderr.write(
      lines.map((line, index) => ` !    ${index === 0 ? label : ''}${printable(line)}\n`).join(''),
    )
  }
}

/**
 * Text from the platform fit for one line of a terminal. Others may have written it: line breaks and the control
 * characters that would move the cursor or change the terminal are shown as escapes.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, escaped)
}

function escaped(character: string): string {
  const known: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
  return known[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
