import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import type { ServerUrl } from './server-url.ts'

const MAX_COMPLAINT = 2000

/** A program of PostgreSQL's, to be run on a database as the administrator. */
export interface ClientRun {
  program: string
  args: readonly string[]
  url: ServerUrl
  database: string
}

/** The program ended with a status other than 0; the message is what it said. */
export class ClientFailure extends Error {
  override readonly name = 'ClientFailure'
}

/**
 * Runs it to its end; `read` takes what it prints. It prints into a pipe of ours, so that it does not outlive us for
 * long. The password is in its environment, which only its own user can see.
 */
export async function runClient(
  { program, args, url, database }: ClientRun,
  signal: AbortSignal,
  read: (output: Readable) => Promise<void>,
): Promise<void> {
  const child = spawn(program, [...args, `--dbname=${url.withoutPassword(database)}`], {
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C', PGPASSWORD: url.password, PGCONNECT_TIMEOUT: '10' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT)
  })
  const ended = once(child, 'close')
  try {
    const [[status]] = await Promise.all([ended, read(child.stdout)])
    if (status === 0) return
  } catch (error) {
    child.kill('SIGKILL')
    signal.throwIfAborted()
    throw error
  }
  signal.throwIfAborted()
  throw new ClientFailure(`${basename(program)} failed: ${complaint.trim() || 'it did not say why'}`)
}
