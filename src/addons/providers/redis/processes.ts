import { readFile } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import type { Duration } from '../../../core/time.ts'

/** A process of this boot of this machine, known by more than its number, which the system gives out again. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks from boot to its start, as /proc/<pid>/stat says. */
  startTime: number
  bootId: string
}

const PAUSE: Duration = 10

/** What /proc knows of a running process; undefined when there is none. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The program's name stands in parentheses and may hold any character, parentheses too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return { pid, startTime: Number(fields[19]), bootId: bootId.trim() }
  } catch {
    return undefined
  }
}

export async function isRunning(process: ProcessIdentity): Promise<boolean> {
  const now = await identify(process.pid)
  return now?.startTime === process.startTime && now.bootId === process.bootId
}

/** Sends a signal to that very process; what is gone needs none. */
export async function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(target))) return
  try {
    process.kill(target.pid, signal)
  } catch {
    // It ended by itself, between being seen and being signalled.
  }
}

/** True once it is gone; false when it was still there after `within`. */
export async function isGone(process: ProcessIdentity, within: Duration): Promise<boolean> {
  const end = performance.now() + within
  while (await isRunning(process)) {
    if (performance.now() >= end) return false
    await after(PAUSE)
  }
  return true
}
