import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openPostgres } from '../../src/addons/providers/postgres/provider.ts'
import { withClient } from '../support/postgres.ts'
import { SystemPostgres, systemPrograms } from '../support/system-postgres.ts'
import { describeProvider } from './addon-provider.ts'
import {
  KEY,
  PATIENCE,
  postgresWorld,
  postmasterPid,
  serverProcesses,
} from './addon-provider-postgres.scene.ts'

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
    for (const pid of processes) process.kill(pid, 'SIGSTOP')
    return async () => {
      for (const pid of processes) process.kill(pid, 'SIGCONT')
    }
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
  const cutOff = async () => {
    await server.end()
    return () => server.start()
  }

  describeProvider('PostgreSQL, named by its URL', t => {
    const named = { ...options, directory: join(home, 'named'), adminUrl: server.adminUrl }
    return postgresWorld(t, named, cutOff)
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
