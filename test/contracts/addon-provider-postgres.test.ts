import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ProviderRefusal } from '../../src/addons/provider.ts'
import { openPostgres } from '../../src/addons/providers/postgres/provider.ts'
import { withClient } from '../support/postgres.ts'
import { SystemPostgres, systemPrograms } from '../support/system-postgres.ts'
import { describeProvider, provisioned, resourceOf } from './addon-provider.ts'
import {
  KEY,
  PATIENCE,
  postgresWorld,
  postmasterPid,
  serverProcesses,
  statOf,
  withDatabase,
} from './addon-provider-postgres-scene.ts'

const home = await mkdtemp(join(tmpdir(), 'tidemark-postgres-addons-'))
await chmod(home, 0o711)
const options = { key: KEY, patience: PATIENCE, backupsDirectory: join(home, 'backups') }
const own = { ...options, directory: join(home, 'own') }

after(async () => {
  await (await openPostgres(own)).stop()
  await rm(home, { recursive: true, force: true })
})

describeProvider('PostgreSQL, run by the platform', t =>
  postgresWorld(t, own, async () => {
    const processes = serverProcesses(await postmasterPid(own.directory))
    const comeBack = async () => signalAll(processes, 'SIGCONT')
    t.after(comeBack)
    signalAll(processes, 'SIGSTOP')
    return comeBack
  }),
)

const programs = await systemPrograms()
if (programs === undefined) {
  test('PostgreSQL, named by its URL', {
    skip: 'no server in /usr/lib/postgresql: install the package postgresql',
  })
} else {
  let server: SystemPostgres
  before(async () => {
    server = await SystemPostgres.start(programs)
    await withClient(server.adminUrl, client =>
      client.query("create role modest login createdb createrole password 'little'"),
    )
  })
  after(() => server[Symbol.asyncDispose]())
  const namedOptions = () => ({ ...options, directory: join(home, 'named'), adminUrl: server.adminUrl })
  const signal = () => AbortSignal.timeout(60_000)
  const cutOff = async () => {
    await server.end()
    return () => server.start()
  }

  describeProvider('PostgreSQL, named by its URL', t => {
    return postgresWorld(t, namedOptions(), cutOff)
  })

  test('a dump is a file of its own, which only its owner may read, and holds all that an add-on may have made', async t => {
    const { provider } = await postgresWorld(t, namedOptions(), cutOff)
    const { resource, config } = await provisioned(provider)
    await withDatabase(config, async ask => {
      await ask('create extension citext')
      await ask('create schema other')
      await ask('create table other.kept (id serial primary key, word citext, body bytea)')
      await ask('create view words as select word from other.kept')
      await ask("insert into other.kept (word, body) values ('Ahoy', decode(repeat('00ff', 100000), 'hex'))")
    })
    const id = randomUUID()
    await writeFile(join(options.backupsDirectory, `${id}.dump.new`), 'left by a crash')
    const backup = await provider.backup(resource, id, signal())
    assert.ok(backup)
    assert.equal(backup.place, join(options.backupsDirectory, `${id}.dump`))
    const dump = await readFile(backup.place)
    assert.equal(dump.subarray(0, 5).toString(), 'PGDMP')
    assert.equal(dump.length, backup.size)
    assert.equal((await stat(backup.place)).mode & 0o777, 0o600)
    assert.equal(await provider.status(resource, signal()), 'here', 'it is there until it is deprovisioned')
    const heir = resourceOf(provider)
    const made = await provider.provision(heir, { options: {}, from: backup }, signal())
    assert.ok(made.state === 'provisioned')
    await withDatabase(made.config, async ask => {
      assert.deepEqual(await ask('select word, length(body) from words join other.kept using (word)'), [
        { word: 'Ahoy', length: 200_000 },
      ])
      await ask("insert into other.kept (word) values ('again')")
      await ask('drop view words')
    })
    await writeFile(backup.place, dump.subarray(0, 200))
    const broken = provider.provision(resourceOf(provider), { options: {}, from: backup }, signal())
    await assert.rejects(broken, error => {
      assert.ok(error instanceof ProviderRefusal)
      assert.match(error.message, /^The backup cannot be restored\. pg_restore failed: /)
      return true
    })
    await provider.deleteBackup(backup, signal())
    await assert.rejects(stat(backup.place), { code: 'ENOENT' })
  })

  describeProvider(
    'PostgreSQL, named by its URL, without pg_dump and to an administrator who is no superuser',
    t => {
      const adminUrl = server.adminUrl.replace(/\/\/[^@]*@/, '//modest:little@')
      const named = { ...options, directory: join(home, 'modest'), adminUrl, clientPrograms: [] }
      return postgresWorld(t, named, cutOff)
    },
  )
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    // One that served a connection may have ended with it.
    if (statOf(pid) !== undefined) process.kill(pid, signal)
  }
}
