import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import type { Ground } from './ground.ts'

const MAX_COMPLAINT = 2000

/** Runs a program of PostgreSQL's to its end, bounded by `signal`. Throws what it said when it fails. */
export async function runOn(
  ground: Ground,
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<void> {
  const { file, args: all, user } = ground.command(program, args)
  const child = spawn(file, all, {
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
    ...(user !== null && { uid: user, gid: user }),
  })
  let said = ''
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', text => {
      said = (said + text).slice(-MAX_COMPLAINT)
    })
  }
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${basename(program)} failed: ${said.trim() || `status ${status}`}`)
}
