/** What a database may take holds, and nobody gets into another's. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ProviderRefusal, type Resource } from '../../src/addons/provider.ts'
import type { PostgresPlan } from '../../src/addons/providers/postgres/plans.ts'
import { openPostgres, type PostgresProvider } from '../../src/addons/providers/postgres/provider.ts'
import type { ConfigVars } from '../../src/core/config-vars.ts'
import { eventually } from '../support/eventually.ts'
import { withClient } from '../support/postgres.ts'
import { provisioned, resourceOf } from './addon-provider.ts'
import { KEY, withDatabase } from './addon-provider-postgres-scene.ts'

const MB = 1024 ** 2
const PLANS: readonly PostgresPlan[] = [
  { ...called('tiny'), size: 12 * MB, connections: 3 },
  { ...called('small'), size: 64 * MB, connections: 5 },
]
/** Something of a size that the server cannot make smaller. */
const FILL = 'insert into filler select gen_random_uuid(), gen_random_uuid() from generate_series(1, $1::int)'
const ROWS_PER_MB = 16_000

const home = await mkdtemp(join(tmpdir(), 'tidemark-postgres-limits-'))
let provider: PostgresProvider
const reports: unknown[] = []

before(async () => {
  await chmod(home, 0o711)
  provider = await openPostgres({
    directory: join(home, 'own'),
    backupsDirectory: join(home, 'backups'),
    key: KEY,
    plans: PLANS,
    report: trouble => reports.push(trouble),
  })
})
after(async () => {
  await provider.stop()
  await rm(home, { recursive: true, force: true })
})

const signal = () => AbortSignal.timeout(60_000)

test('connections over the limit of the plan are refused, and a larger plan allows more at once', async () => {
  const { resource, config } = await provisioned(provider)
  assert.equal(await countConnections(config, 8), 3)
  await provider.changePlan({ ...resource, plan: 'small' }, signal())
  assert.equal(await countConnections(config, 8), 5)
})

test('limits that the owner of a database lifted are put back', async () => {
  const { config } = await provisioned(provider)
  await withDatabase(config, async ask => {
    const [row] = await ask('select current_database() as name')
    await ask(`alter database ${row?.name} connection limit 100`)
  })
  await provider.enforce()
  const [row] = await withDatabase(config, ask =>
    ask('select datconnlimit::text as limit from pg_database where datname = current_database()'),
  )
  assert.equal(row?.limit, '3')
})

test('over its size a database is read-only, also on connections from before, until it is below again', async () => {
  const { config } = await provisioned(provider)
  await withDatabase(config, async ask => {
    await fill(ask, 5)
    await provider.enforce()
    await eventually('the connection is cut', () =>
      ask('select').then(
        () => undefined,
        () => true,
      ),
    )
  })
  await assert.rejects(
    withDatabase(config, ask => ask(FILL, [1])),
    { code: '25006' },
  )
  assert.equal(
    (await withDatabase(config, ask => ask('select from filler limit 1'))).length,
    1,
    'it can be read',
  )
  await withDatabase(config, async ask => {
    await ask('set default_transaction_read_only = off')
    await ask('truncate filler')
  })
  await provider.enforce()
  await withDatabase(config, ask => ask(FILL, [1]))
})

test('far over its size a database takes no connections, until it has a larger plan', async () => {
  const { resource, config } = await provisioned(provider)
  await withDatabase(config, ask => fill(ask, 20))
  await provider.enforce()
  await assert.rejects(
    withDatabase(config, ask => ask('select')),
    { code: '53300' },
  )
  const rotated = await provider.rotate(resource, signal())
  await assert.rejects(
    withDatabase(rotated, ask => ask('select')),
    { code: '53300' },
  )
  await provider.changePlan({ ...resource, plan: 'small' }, signal())
  for (const each of [config, rotated]) await withDatabase(each, ask => ask(FILL, [1]))
})

test('a plan that is too small for what is there is refused in a sentence', async () => {
  const resource = resourceOf(provider, { plan: 'small' })
  const { config } = await provisioned(provider, resource)
  await withDatabase(config, ask => fill(ask, 10))
  const change = provider.changePlan({ ...resource, plan: 'tiny' }, signal())
  await assert.rejects(change, error => {
    assert.ok(error instanceof ProviderRefusal)
    assert.match(error.message, /takes [\d.]+ MB, and the plan tiny is for 12 MB/)
    return true
  })
  await withDatabase(config, ask => ask(FILL, [1]))
})

test("another add-on's role gets neither into a database nor into those of the server", async () => {
  const [one, other] = [await provisioned(provider), await provisioned(provider)]
  const database = new URL(one.config.DATABASE_URL ?? '').pathname
  await assert.rejects(connect(other.config, database), { code: '42501' })
  for (const name of ['/postgres', '/template1'])
    await assert.rejects(connect(other.config, name), { code: '28000' })
})

test('what the role before made belongs to the owner, even where it laid the owner down', async () => {
  const { resource, config } = await provisioned(provider)
  await withDatabase(config, async ask => {
    await ask('create table mine (id int)')
    await ask('create schema other')
    await ask('grant create on schema other to public')
    await ask('set role none')
    await ask('create table other.odd (id int)')
    await ask('alter default privileges grant select on tables to public')
  })
  const renewed = await provider.rotate(resource, signal())
  await provider.endRotation(resource, signal())
  await withDatabase(renewed, async ask => {
    await ask('drop table mine')
    await ask('drop table other.odd')
  })
})

test('a role that changed its own password has its own again when it is provisioned again', async () => {
  const { resource, config } = await provisioned(provider)
  await withDatabase(config, async ask => {
    await ask('set role none')
    await ask("alter role current_user password 'another'")
  })
  await assert.rejects(
    withDatabase(config, ask => ask('select')),
    { code: '28P01' },
  )
  await provisioned(provider, resource)
  await withDatabase(config, ask => ask('select'))
})

test('an option that would not be heeded is refused; a version is told of', async () => {
  const order = (options: Record<string, string>) =>
    provider.provision(resourceOf(provider), { options, from: null }, signal())
  await assert.rejects(order({ follow: 'DATABASE' }), /no option --follow/)
  const made = await order({ version: '16' })
  assert.match(made.message ?? '', /^The database is PostgreSQL 18\.\d+, for 12 MB and 3 connections\.$/)
})

test('a kept database is closed to everybody, and is no trouble to what comes after it', async () => {
  const { resource, config } = await provisioned(provider)
  await withDatabase(config, async ask => {
    await ask('create extension citext')
    await ask('create table kept (word citext)')
    await ask("insert into kept values ('Ahoy')")
    await ask('alter default privileges grant select on tables to public')
  })
  const backup = await provider.backup(resource, randomUUID(), signal())
  assert.ok(backup)
  assert.match(backup.place, /^tm_backup_[0-9a-f]{32}$/)
  assert.ok(backup.size > MB)
  assert.equal(await provider.status(resource, signal()), 'gone')
  await assert.rejects(connect(config, `/${backup.place}`))
  assert.equal(await provider.deprovision(resource, signal()), 'gone')
  const heir = resourceOf(provider)
  const made = await provider.provision(heir, { options: {}, from: backup }, signal())
  assert.ok(made.state === 'provisioned')
  await provider.deleteBackup(backup, signal())
  const again = await provider.provision(heir, { options: {}, from: backup }, signal())
  assert.deepEqual(again, made, 'repeated after its backup is deleted')
  await withDatabase(made.config, async ask => {
    assert.equal((await ask("select word from kept where word = 'AHOY'"))[0]?.word, 'Ahoy')
    await ask('drop table kept')
  })
  assert.equal(await provider.deprovision(heir, signal()), 'gone')
  await provider.enforce()
  assert.deepEqual(reports, [])
})

test('a database that was only begun is made whole, or taken away', async () => {
  const resources = [resourceOf(provider), resourceOf(provider)] as const
  const admin = await adminUrl()
  for (const { id } of resources) {
    const name = `tm_${id.replaceAll('-', '')}`
    await withClient(admin, async client => {
      await client.query(`create role ${name} nologin`)
      await client.query(`create database ${name}_new owner ${name} allow_connections false`)
    })
  }
  const { config } = await provisioned(provider, resources[0])
  await withDatabase(config, ask => ask('create table works ()'))
  assert.equal(await provider.status(resources[1], signal()), 'gone')
  for (const resource of resources) assert.equal(await provider.deprovision(resource, signal()), 'gone')
  const left = await withClient(admin, client =>
    client.query(
      `select rolname from pg_roles where rolname ~ $1 union all select datname from pg_database where datname ~ $1`,
      [resources.map(({ id }: Resource) => id.replaceAll('-', '')).join('|')],
    ),
  )
  assert.deepEqual(left.rows, [])
})

function called(name: string): Omit<PostgresPlan, 'size' | 'connections'> {
  return { name, humanName: name, description: name, cents: 0 }
}

async function fill(
  ask: (sql: string, values?: unknown[]) => Promise<unknown>,
  megabytes: number,
): Promise<void> {
  await ask('create table filler (one uuid, other uuid)')
  await ask(FILL, [megabytes * ROWS_PER_MB])
}

/** How many of `tries` connections at once are let in. */
async function countConnections(config: ConfigVars, tries: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let settled = 0
  const settle = () => {
    if (++settled === tries) resolve()
  }
  const all = await Promise.allSettled(
    Array.from({ length: tries }, () =>
      withDatabase(config, async () => {
        settle()
        await promise
      }).catch(error => {
        settle()
        throw error
      }),
    ),
  )
  for (const one of all) if (one.status === 'rejected') assert.equal(one.reason.code, '53300')
  return all.filter(({ status }) => status === 'fulfilled').length
}

function connect(config: ConfigVars, pathname: string): Promise<unknown> {
  const url = new URL(config.DATABASE_URL ?? '')
  url.pathname = pathname
  return withClient(url.href, client => client.query('select'))
}

async function adminUrl(): Promise<string> {
  const [password, port] = await Promise.all(
    ['superuser.password', 'port'].map(async name =>
      (await readFile(join(home, 'own', name), 'utf8')).trim(),
    ),
  )
  assert.equal((await stat(join(home, 'own', 'superuser.password'))).mode & 0o777, 0o600)
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}
