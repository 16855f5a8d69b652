/** What there is to know of a server that is shared, and to change there. */
import { ProviderRefusal } from '../../provider.ts'
import { type ListedUser, listedUsers } from './access.ts'
import { addonOf } from './credentials.ts'
import type { Door, Link } from './link.ts'

export interface NamedServer {
  /** `redis.example.com:6379` */
  address: string
  protocol: 'redis' | 'rediss'
  door: Door
}

/** Reads an admin URL. Throws a sentence that shows nothing of it: it holds a password. */
export function parseAdminUrl(text: string): NamedServer {
  const url = URL.parse(text)
  const protocol = url?.protocol.slice(0, -1)
  if (url === null || (protocol !== 'redis' && protocol !== 'rediss') || url.hostname === '') {
    throw new Error(
      'TIDEMARK_REDIS_ADMIN_URL is no URL of a Redis server; expected redis://user:password@host:port or rediss://…',
    )
  }
  const port = Number(url.port || '6379')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const credentials = {
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
  }
  const socket = { host, port, ...(protocol === 'rediss' && { tls: true as const }) }
  return { address: `${url.hostname}:${port}`, protocol, door: { socket, ...credentials } }
}

export async function listUsers(link: Link): Promise<ListedUser[]> {
  return listedUsers((await link.send('ACL', 'LIST')) as string[])
}

/** The databases that hold something. */
export async function usedDatabases(link: Link): Promise<Set<number>> {
  const text = String(await link.send('INFO', 'keyspace'))
  return new Set([...text.matchAll(/^db(\d+):/gm)].map(([, number]) => Number(number)))
}

/** Refuses a server on which add-ons cannot be kept apart, or would see what is not theirs. */
export function checkEntrance(users: readonly ListedUser[], used: ReadonlySet<number>): void {
  if (users.some(user => user.name === 'default' && user.isOpen)) {
    throw new ProviderRefusal(
      'The Redis server lets everybody in without a password, so that add-ons could not be kept apart. Set `requirepass` in its configuration, and name the password in TIDEMARK_REDIS_ADMIN_URL.',
    )
  }
  if (used.has(0) && !users.some(user => addonOf(user.name) !== undefined)) {
    throw new ProviderRefusal(
      'Database 0 of the Redis server holds something, and every add-on could see it: connections begin there. Name a server whose database 0 is empty.',
    )
  }
}

/** Removes users; connections that used them are cut. */
export async function removeUsers(link: Link, users: readonly ListedUser[]): Promise<void> {
  if (users.length > 0) await link.send('ACL', 'DELUSER', ...users.map(user => user.name))
}

/** Has users outlive the server. Only one with an `aclfile` can do that; to others they are given again when they restart. */
export async function keepUsers(link: Link): Promise<void> {
  try {
    await link.send('ACL', 'SAVE')
  } catch {
    // It has no such file. Whether it can be reached at all, the next command says.
  }
}
