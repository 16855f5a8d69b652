import { randomBytes } from 'node:crypto'
import { chmod, chown, lchown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { writeDurably } from '../../../../files/durable.ts'
import { unlessMissing } from '../../../../files/missing.ts'
import { groundOf, MAKER, SERVER } from './ground.ts'
import { runOn } from './run.ts'

/** The server's administrator. */
export const SUPERUSER = 'postgres'

/** Nobody gets in but over the loopback address, with a password; and only the administrator where no add-on is. */
const ACCESS = `host all ${SUPERUSER} 127.0.0.1/32 scram-sha-256
host postgres,template1 all 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
`

/** Small; durable over a power loss. Its log is a week long and in the data directory. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  max_connections: '300',
  superuser_reserved_connections: '10',
  shared_buffers: '64MB',
  fsync: 'on',
  max_wal_size: '512MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgresql-%a.log',
  log_truncate_on_rotation: 'on',
  log_rotation_age: '1d',
  log_rotation_size: '0',
}

/** The superuser's password, made once. */
export async function passwordFile(file: string): Promise<string> {
  const text = await unlessMissing(readFile(file, 'utf8'))
  if (text !== undefined) return text.trim()
  const password = randomBytes(32).toString('base64url')
  await writeDurably(file, `${password}\n`)
  return password
}

/** Makes the data directory in `home`, whole or not at all. */
export async function makeCluster(
  { home, programs, password }: { home: string; programs: string; password: string },
  signal: AbortSignal,
): Promise<void> {
  const draft = join(home, 'data.new')
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await chmod(draft, 0o700)
  const ground = groundOf(home, MAKER)
  const { directory, user } = ground
  const seenPassword = join(directory, relative(home, password))
  for (const path of user === null ? [] : [draft, password]) await chown(path, MAKER, MAKER)
  const where = [`--pgdata=${join(directory, 'data.new')}`, `--pwfile=${seenPassword}`]
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const args = [...where, ...locale, `--username=${SUPERUSER}`, '--auth=scram-sha-256']
  await runOn(ground, [join(directory, programs, 'bin', 'initdb'), ...args], signal)
  if (user !== null) {
    await chown(password, 0, 0)
    await giveAway(draft, SERVER)
  }
  await rename(draft, join(home, 'data'))
}

/** Writes the settings with which the server starts next. The files are there and stay the server's own. */
export async function configureCluster(data: string, port: number): Promise<void> {
  const settings = Object.entries({ ...SETTINGS, port: String(port) })
  const text = settings.map(([name, value]) => `${name} = '${value}'\n`).join('')
  await writeFile(join(data, 'postgresql.conf'), text)
  await writeFile(join(data, 'pg_hba.conf'), ACCESS)
}

async function giveAway(directory: string, user: number): Promise<void> {
  for (const name of await readdir(directory, { recursive: true }))
    await lchown(join(directory, name), user, user)
  await chown(directory, user, user)
}
