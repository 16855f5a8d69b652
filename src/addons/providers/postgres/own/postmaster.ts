import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The first process of a server that runs. */
export interface Postmaster {
  pid: number
  isReady: boolean
}

/** The server that runs on a data directory; undefined when none does. */
export function postmasterOf(data: string): Postmaster | undefined {
  const lines = readText(join(data, 'postmaster.pid'))?.split('\n')
  const pid = Number(lines?.[0])
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isServerOf(pid, data)) return undefined
  return { pid, isReady: lines?.[7]?.trim() === 'ready' }
}

/** Asks it to end: fast (SIGINT) or at once (SIGQUIT), after which it recovers at its next start. */
export function signalPostmaster(data: string, signal: 'SIGINT' | 'SIGQUIT'): void {
  const postmaster = postmasterOf(data)
  if (postmaster === undefined) return
  try {
    process.kill(postmaster.pid, signal)
  } catch {
    // Gone meanwhile.
  }
}

/**
 * The file outlives a crash, and the number in it may be another process's by now. A server stands in its data
 * directory, whatever that is called where it sees it.
 */
function isServerOf(pid: number, data: string): boolean {
  if (process.platform !== 'linux') return isAlive(pid)
  try {
    const [there, here] = [statSync(`/proc/${pid}/cwd`), statSync(data)]
    return there.ino === here.ino && there.dev === here.dev && programOf(pid) === 'postgres'
  } catch {
    return false
  }
}

function programOf(pid: number): string | undefined {
  return readText(`/proc/${pid}/comm`)?.trim()
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
