import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from './errors.ts'

/**
 * The process id of the server that runs on a data directory: the one that holds the directory's lock. That is the
 * kernel's word; a number in a file could be another process's by now. Undefined when no server runs there.
 */
export async function serverProcess(dataDirectory: string): Promise<number | undefined> {
  const file = await realpath(join(dataDirectory, 'lock.db')).catch(() => undefined)
  if (file === undefined) return undefined
  const { ino } = await stat(file)
  for (const pid of holders(await readFile('/proc/locks', 'utf8'), ino)) {
    if (await hasOpen(pid, file)) return pid
  }
  return undefined
}

/** Lines such as `6: POSIX  ADVISORY  WRITE 2862 fe:00:2517538 1073741824 1073742335`. */
function holders(locks: string, inode: number): number[] {
  return locks.split('\n').flatMap(line => {
    const [, kind, , access, pid, place = ''] = line.trim().split(/\s+/)
    const isHeld = kind === 'POSIX' && access === 'WRITE' && place.split(':')[2] === String(inode)
    return isHeld && Number(pid) > 0 ? [Number(pid)] : []
  })
}

/** The same inode number may exist on another file system, too. */
async function hasOpen(pid: number, file: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`
  const descriptors = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM') throw foreign(pid, error)
    return []
  })
  const targets = descriptors.map(name => readlink(join(directory, name)).catch(() => ''))
  return (await Promise.all(targets)).includes(file)
}

function foreign(pid: number, cause: unknown): UsageError {
  return new UsageError(
    `The server (process ${pid}) belongs to another user. Run this as that user, or as root.`,
    { cause },
  )
}
