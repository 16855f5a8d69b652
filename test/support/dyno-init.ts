/** The first process of a dyno, as the first of a process namespace: what a container makes of it, without an engine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { INIT, PLAIN_INIT } from '../../src/runtime/drivers/docker/init.ts'

const AT_ONCE = 3
const LIMIT = 20_000

export const SHELLS = [
  ['bash', INIT],
  ['sh', PLAIN_INIT],
] as const

/** Why there can be none here; false when there can. */
export const noInit = process.getuid?.() === 0 ? false : 'Only root may have a process namespace of its own.'

/**
 * Exit statuses of dynos, each once, of which each is stopped `wait()` ms after its beginning: at once when that is not
 * above 0. How one stands there that does not end is among them.
 */
export async function stoppedOften(
  [shell, init]: (typeof SHELLS)[number],
  times: number,
  wait: () => number,
): Promise<unknown[]> {
  const statuses = new Set<unknown>()
  for (let count = 0; count < times; count += AT_ONCE)
    for (const status of await Promise.all(
      Array.from({ length: AT_ONCE }, () => stopped(shell, init, wait())),
    ))
      statuses.add(status)
  return [...statuses]
}

async function stopped(shell: string, init: string, wait: number): Promise<unknown> {
  const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc']
  const dyno = spawn('unshare', [...namespace, `/bin/${shell}`, '-c', init, shell, 'sleep 1000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  })
  const exited = once(dyno, 'exit').then(([status]) => status)
  try {
    await once(dyno.stdout as NonNullable<ChildProcess['stdout']>, 'data')
    if (wait > 0) await pause(wait)
    const { pid } = dyno
    const [first = ''] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')
    process.kill(Number(first), 'SIGTERM')
    const late = pause(LIMIT, undefined, { ref: false }).then(() => readFile(`/proc/${first}/status`, 'utf8'))
    return await Promise.race([exited, late])
  } finally {
    dyno.kill('SIGKILL')
  }
}
