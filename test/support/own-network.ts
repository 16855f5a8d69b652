/** Programs in a network namespace of their own: a Docker engine there has bridges, even a swarm, and no other one notices. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const INSIDE = 'TIDEMARK_TEST_OWN_NETWORK'

/** Whether this program is one of them. */
export const isInOwnNetwork = process.env[INSIDE] !== undefined

/** Runs a file with this Node in a network that has nothing but a loopback address; only root can. Answers its status. */
export async function runInOwnNetwork(file: string): Promise<number> {
  const child = spawn('unshare', ['--net', process.execPath, file], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: 'yes' },
  })
  const [status] = (await once(child, 'exit')) as [number | null]
  return status ?? 1
}

/** The first thing to do in there. */
export async function bringUpLoopback(): Promise<void> {
  await promisify(execFile)('ip', ['link', 'set', 'lo', 'up'])
}
