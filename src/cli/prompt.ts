import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from './errors.ts'

/** Asks on the terminal; the question goes to stderr, so that stdout stays clean. */
export async function ask(question: string): Promise<string> {
  return (await askOn(process.stderr, question)).trim()
}

/** Asks without showing what is typed. */
export async function askSecret(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    return await askOn(nowhere, question)
  } finally {
    process.stderr.write('\n')
  }
}

/** What is piped in, without the line's end. */
export async function readPiped(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '')
}

function askOn(output: NodeJS.WritableStream, question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageError(
      `There is no terminal to ask on (${question.trim() || 'a password'}). Give it as an option; see --help.`,
    )
  }
  // From here on the terminal shows nothing by itself; only then is there something to answer.
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  if (output !== process.stderr) process.stderr.write(question)
  return new Promise((resolve, reject) => {
    terminal.once('close', () => reject(new Error('Cancelled; nothing was changed.')))
    terminal.question(question, answer => {
      resolve(answer)
      terminal.close()
    })
  })
}
