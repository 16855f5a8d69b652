import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { UsageError } from './errors.ts'

const PATIENCE = 60_000
const PAUSE = 50

/**
 * Has the server in process `pid` put a new control plane in its place. Resolves once that answers: it writes its
 * endpoints down anew then. Throws a sentence when it does not come to that.
 */
export async function reloadServer(dataDirectory: string, pid: number): Promise<void> {
  const before = await endpointsMark(dataDirectory)
  if (before === undefined)
    throw new UsageError('The server is only just starting. Reload it once it answers.')
  process.kill(pid, 'SIGHUP')
  const end = performance.now() + PATIENCE
  while (performance.now() < end) {
    const mark = await endpointsMark(dataDirectory)
    if (mark !== undefined && mark !== before) return
    if (!isAlive(pid))
      throw new Error(
        'The server ended while it reloaded; what it printed says why. Apps go on answering. Start it again with: tidemark server',
      )
    await after(PAUSE)
  }
  throw new Error(
    `The new control plane does not answer after ${PATIENCE / 1000} s. See what the server printed.`,
  )
}

/** Another one each time the file is written; undefined while there is none. */
async function endpointsMark(dataDirectory: string): Promise<string | undefined> {
  return stat(join(dataDirectory, 'endpoints.json')).then(
    ({ ino, mtimeMs }) => `${ino} ${mtimeMs}`,
    () => undefined,
  )
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
