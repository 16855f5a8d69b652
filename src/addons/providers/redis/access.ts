/** What users may do, as rules of Redis' access control lists. */

/** Every command that looks at the server, or changes what is not data, is out. */
const ORDINARY = ['+@all', '-@admin', '-@dangerous', '-acl', '-config', '-debug', '-module', '-shutdown']

/** Counted among the dangerous because they are slow or thorough, and ordinary to apps: all stay within the database. */
const USEFUL = ['+info', '+keys', '+sort', '+sort_ro', '+flushdb']

/** Reaches into other databases, or into what all databases of a server have in common. */
const ACROSS = [
  ...['-move', '-copy', '-function', '-fcall', '-fcall_ro', '-pubsub', '-client|tracking'],
  ...['-script|flush', '-script|kill', '-script|debug'],
]

/** Our own user on a server of our own. */
export const ADMIN_RULES: readonly string[] = ['~*', '&*', '+@all']

/** An app's user on a server that it has for itself. */
export const SERVER_RULES: readonly string[] = [
  ...['~*', '&*', ...ORDINARY, ...USEFUL],
  ...['+flushall', '+swapdb', '+restore', '+role', '+client|list'],
]

/**
 * An app's user on a server with others: one database, and channels that begin with the user's add-on. A connection
 * begins in database 0 whatever the rules say, so that one is nobody's.
 */
export function databaseRules(id: string, database: number): string[] {
  const channels = [`&${id}:*`, `&__keyspace@${database}__:*`, `&__keyevent@${database}__:*`]
  return [
    '~*',
    'resetchannels',
    ...channels,
    ...ORDINARY,
    ...USEFUL,
    ...ACROSS,
    '-select',
    databaseRule(database),
  ]
}

/** The rule by which it is told whose a database is. */
function databaseRule(database: number): string {
  return `+select|${database}`
}

export interface ListedUser {
  name: string
  databases: readonly number[]
  /** Lets in everybody who comes without a name or a password. */
  isOpen: boolean
}

/** Reads the answer to ACL LIST. */
export function listedUsers(lines: readonly string[]): ListedUser[] {
  return lines.map(line => {
    const [, name = '', ...rules] = line.split(' ')
    const databases = rules.flatMap(rule => /^\+select\|(\d+)$/.exec(rule)?.[1] ?? []).map(Number)
    return { name, databases, isOpen: rules.includes('on') && rules.includes('nopass') }
  })
}
