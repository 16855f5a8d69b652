import { ADMIN_RULES, SERVER_RULES } from './access.ts'
import { ADMIN, password, passwordRule, userName } from './credentials.ts'
import type { AddonRecord } from './records.ts'

/** The socket through which we talk to a server: nobody else can have put it into that directory. */
export const SOCKET = 'server.sock'

/** The one connection beyond the plan's is ours. */
export function maxClients({ limits }: AddonRecord): number {
  return limits.connections + 1
}

/** What an app's user is told of itself, in a configuration or with ACL SETUSER. */
export function userRules(record: AddonRecord, generation: number, key: Uint8Array): string[] {
  return ['reset', 'on', passwordRule(password(key, userName(record.id, generation))), ...SERVER_RULES]
}

/** The configuration of an add-on's server: no password is in it, only what proves one. Paths are below the data directory. */
export function serverConfig(record: AddonRecord, key: Uint8Array): string {
  const admin = ['on', passwordRule(password(key, `${ADMIN} ${record.id}`)), ...ADMIN_RULES]
  const lines = [
    'bind 127.0.0.1',
    `port ${record.number}`,
    `unixsocket ${SOCKET}`,
    'unixsocketperm 700',
    'daemonize no',
    'loglevel warning',
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    `maxmemory ${record.limits.megabytes}mb`,
    'maxmemory-policy noeviction',
    `maxclients ${maxClients(record)}`,
    'user default off',
    `user ${ADMIN} ${admin.join(' ')}`,
    ...record.generations.map(
      each => `user ${userName(record.id, each)} ${userRules(record, each, key).join(' ')}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
