import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/** A process of this boot of this machine, known by more than its number, which the system gives out again. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks from boot to its start, as /proc/<pid>/stat says. */
  startTime: number
  bootId: string
  /** Its mount namespace when that is its own (`mnt:[4026532…]`): whatever lives in it belongs to the dyno. */
  namespace: string | null
  /** The user it runs as. */
  uid: number
}

interface Stat {
  state: string
  group: number
  session: number
  startTime: number
}

/** What /proc knows of a running process; undefined when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid)
  if (stat === undefined) return undefined
  const namespace = namespaceOf(pid)
  const uid = ownerOf(pid)
  if (uid === undefined) return undefined
  const isOwn = namespace !== null && namespace !== namespaceOf('self')
  return { pid, startTime: stat.startTime, bootId: bootId(), namespace: isOwn ? namespace : null, uid }
}

/**
 * Keeps the number of a dyno's mount namespace from being given out again, as the system does the moment the last
 * process in it is gone. Returns the way to let go of it.
 */
export function holdNamespace({ pid, namespace }: ProcessIdentity): () => void {
  if (namespace === null) return () => {}
  try {
    const descriptor = openSync(`/proc/${pid}/ns/mnt`, 'r')
    return () => closeSync(descriptor)
  } catch {
    return () => {}
  }
}

/** Kills every process that belongs to a dyno, until none is left. True when none was. */
export function killMembers(identity: ProcessIdentity, signal: NodeJS.Signals = 'SIGKILL'): boolean {
  const members = findMembers(identity)
  for (const pid of members) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended by itself, between being seen and being killed.
    }
  }
  return members.length === 0
}

/**
 * Processes, zombies aside, in the session, group or mount namespace that a dyno's first process began. None when its
 * number now names another process: then the system found the number free, so nothing of the dyno was left.
 */
export function findMembers(identity: ProcessIdentity): number[] {
  if (identity.bootId !== bootId()) return []
  const first = readStat(identity.pid)
  if (first !== undefined && first.startTime !== identity.startTime) return []
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => isMember(pid, identity))
}

function isMember(pid: number, identity: ProcessIdentity): boolean {
  const stat = readStat(pid)
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X' || stat.startTime < identity.startTime)
    return false
  if (stat.session === identity.pid || stat.group === identity.pid) return true
  return (
    identity.namespace !== null && namespaceOf(pid) === identity.namespace && ownerOf(pid) === identity.uid
  )
}

function readStat(pid: number): Stat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  // The program's name stands in parentheses and may hold any character, parentheses too.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined || fields.length < 20) return undefined
  return {
    state: fields[0] ?? '',
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime: Number(fields[19]),
  }
}

function namespaceOf(pid: number | 'self'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return null
  }
}

function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid
  } catch {
    return undefined
  }
}

let boot: string | undefined

function bootId(): string {
  boot ??= readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return boot
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
