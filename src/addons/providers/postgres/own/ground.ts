import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** PostgreSQL refuses to run as root. Apps have the users from 700000 on. */
export const SERVER = 699_999
/** `nobody`: initdb wants a user that has a name. */
export const MAKER = 65_534
/** Where a process that sees its own mounts finds what it may not pass to; nothing of PostgreSQL's is there. */
const DOORS = ['/mnt', '/media', '/srv', '/opt']
/** Puts `$1` at `$2`, for this process and what it becomes. */
const ENTER = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'

/** How programs of PostgreSQL are run on a directory of the platform's. */
export interface Ground {
  /** Who owns what they write; null: whoever runs the platform. */
  user: number | null
  /** The directory as they see it. */
  directory: string
  command(program: string, args: readonly string[]): { file: string; args: string[]; user: number | null }
}

/** The ground for `directory`, an absolute path that exists; where root runs the platform, its programs run as `user`. */
export function groundOf(directory: string, user: number): Ground {
  if (process.getuid?.() !== 0) return plain(directory, null)
  return isPassable(directory) ? plain(directory, user) : behindDoor(directory, user)
}

function plain(directory: string, user: number | null): Ground {
  return { user, directory, command: (program, args) => ({ file: program, args: [...args], user }) }
}

/**
 * The directory is below one that only root may pass, as root's home is: the programs get it at another place, which
 * they alone see.
 */
function behindDoor(directory: string, user: number): Ground {
  const door = DOORS.find(path => existsSync(path)) ?? '/tmp'
  const become = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--']
  const enter = ['--mount', '--propagation', 'slave', '--', '/bin/sh', '-c', ENTER, 'sh', directory, door]
  return {
    user,
    directory: door,
    command: (program, args) => ({
      file: 'unshare',
      args: [...enter, 'setpriv', ...become, program, ...args],
      user: null,
    }),
  }
}

function isPassable(directory: string): boolean {
  const isOpen = (statSync(directory).mode & 0o001) !== 0
  const parent = dirname(directory)
  return isOpen && (parent === directory || isPassable(parent))
}
