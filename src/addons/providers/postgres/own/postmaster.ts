import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { type Duration, seconds } from '../../../../core/time.ts'

const POLL: Duration = 20
/** Well within what the platform gives its parts. */
const ENDINGS = [
  ['SIGINT', seconds(5)],
  ['SIGQUIT', seconds(1.5)],
] as const

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

/** Ends the server: in order (SIGINT), or, when that takes long, at once (SIGQUIT), and its next start recovers. */
export async function endPostmaster(data: string): Promise<void> {
  const pid = postmasterOf(data)?.pid
  if (pid === undefined) return
  for (const [signal, limit] of ENDINGS) {
    if (isServerOf(pid, data)) kill(pid, signal)
    // The file goes before the process does.
    if (await waitFor(() => !isServerOf(pid, data), limit)) return
  }
}

/** True once `claim` is; false when it was not within `limit` milliseconds. */
export async function waitFor(claim: () => boolean, limit: Duration): Promise<boolean> {
  const end = performance.now() + limit
  while (!claim()) {
    if (performance.now() >= end) return false
    await after(POLL)
  }
  return true
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
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
