/** The server that the platform runs itself: it outlives the control plane, is watched, and ends when it is told to. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ProviderUnavailable, type Provisioned, type Resource } from '../../src/addons/provider.ts'
import { openPostgres, type PostgresProvider } from '../../src/addons/providers/postgres/provider.ts'
import type { ConfigVars } from '../../src/core/config-vars.ts'
import { eventually } from '../support/eventually.ts'
import { resourceOf } from './addon-provider.ts'
import { KEY, postmasterPid, serverProcesses, statOf, withDatabase } from './addon-provider-postgres-scene.ts'

const CONTROL_PLANE = fileURLToPath(new URL('addon-provider-postgres.fixture.ts', import.meta.url))
const NOTHING = { options: {}, from: null }

// Only root may pass here, as it is with root's home.
const home = await mkdtemp(join(tmpdir(), 'tidemark-postgres-server-'))
const directory = join(home, 'postgres')
const options = { directory, backupsDirectory: join(home, 'backups') }
const signal = () => AbortSignal.timeout(60_000)
const open = () => openPostgres({ ...options, key: KEY })

after(async () => {
  await (await open()).stop()
  await rm(home, { recursive: true, force: true })
})

describe('the PostgreSQL server of the platform', () => {
  let provider: PostgresProvider
  let resource: Resource
  let config: ConfigVars

  test('costs nothing before it is wanted', async () => {
    provider = await open()
    await provider.resume()
    const never = resourceOf(provider)
    assert.equal(await provider.status(never, signal()), 'gone')
    assert.equal(await provider.deprovision(never, signal()), 'gone')
    await provider.stop()
    await assert.rejects(stat(directory), { code: 'ENOENT' })
  })

  test('goes on when the control plane is killed, and the next one takes it up', async t => {
    resource = resourceOf(provider)
    const controlPlane = spawn(process.execPath, [CONTROL_PLANE], { stdio: ['pipe', 'pipe', 'inherit'] })
    t.after(() => controlPlane.kill('SIGKILL'))
    const made = await firstAnswer(controlPlane, {
      options: { ...options, key: KEY.toString('hex') },
      resource,
    })
    config = made.config
    await withDatabase(config, ask => ask('create table kept (word text)'))
    const pid = await postmasterPid(directory)
    controlPlane.kill('SIGKILL')
    await once(controlPlane, 'exit')
    assert.equal(statOf(pid)?.session, pid, 'it has a session of its own')
    await withDatabase(config, ask => ask("insert into kept values ('yes')"))
    provider = await open()
    await provider.resume()
    assert.deepEqual(await provider.provision(resource, NOTHING, signal()), made)
    assert.equal(await postmasterPid(directory), pid, 'it is the same')
  })

  test('keeps its secrets out of what others may read', async () => {
    const password = (await readFile(join(directory, 'superuser.password'), 'utf8')).trim()
    const secrets = [password, new URL(config.DATABASE_URL ?? '').password, KEY.toString('hex')]
    await assert.rejects(withDatabase(config, ask => ask('select nothing from nowhere')))
    const log = await eventually('the server has logged it', async () => {
      const names = await readdir(join(directory, 'data', 'log'))
      const logged = await Promise.all(
        names.map(name => readFile(join(directory, 'data', 'log', name), 'utf8')),
      )
      return logged.some(text => text.includes('nowhere')) ? logged : undefined
    })
    const texts = [...commandLines(), ...log]
    for (const secret of secrets) assert.ok(texts.every(text => !text.includes(secret)))
    assert.equal((await stat(join(directory, 'superuser.password'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(directory, 'data'))).mode & 0o777, 0o700)
  })

  test('runs as an ordinary user', {
    skip: process.getuid?.() !== 0 && 'only root runs it as another user',
  }, async () => {
    for (const pid of serverProcesses(await postmasterPid(directory)))
      assert.equal((await stat(`/proc/${pid}`)).uid, 699_999)
  })

  test('is started again when it dies, on the same port and with everything', async () => {
    const before = await postmasterPid(directory)
    process.kill(before, 'SIGKILL')
    const words = await eventually('it is back', () =>
      withDatabase(config, ask => ask('select word from kept')),
    )
    assert.deepEqual(words, [{ word: 'yes' }])
    assert.notEqual(await postmasterPid(directory), before)
  })

  test('ends when it is told to, with whoever is connected, and is there again after a resumption', async () => {
    assert.ok((await ownProcesses()).length > 1)
    const pid = await postmasterPid(directory)
    await withDatabase(config, async ask => {
      await ask('begin')
      await provider.stop()
      await assert.rejects(ask('select'))
    }).catch(() => {})
    // The kernel clears it away a moment after it has ended.
    await eventually('it is gone', async () => statOf(pid) === undefined || undefined)
    await nothingIsLeft()
    await assert.rejects(provider.status(resource, signal()), ProviderUnavailable)
    provider = await open()
    await provider.resume()
    assert.equal(await provider.status(resource, signal()), 'here')
    assert.deepEqual(await withDatabase(config, ask => ask('select word from kept')), [{ word: 'yes' }])
  })

  test('can be stopped while it is only just starting', async () => {
    await provider.stop()
    provider = await open()
    await provider.resume()
    await provider.stop()
    await nothingIsLeft()
  })

  test('starts also where its number is that of another process of its user, since the machine went down', async t => {
    const { uid } = await stat(join(directory, 'data'))
    const other = spawn('sleep', ['300'], { cwd: '/', stdio: 'ignore', uid })
    t.after(() => other.kill())
    const file = join(directory, 'data', 'postmaster.pid')
    await writeFile(file, `${other.pid}\n${directory}/data\n1000000000\n`)
    await chown(file, uid, uid)
    provider = await open()
    assert.equal(await provider.status(resource, signal()), 'here')
    await provider.stop()
    assert.equal(other.exitCode ?? other.signalCode, null, 'the other is let be')
  })

  test('says when its port is taken', async t => {
    const port = Number(await readFile(join(directory, 'port'), 'utf8'))
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    provider = await open()
    await assert.rejects(provider.status(resource, signal()), error => {
      assert.ok(error instanceof ProviderUnavailable)
      assert.match(error.message, new RegExp(`port ${port}, which is in every DATABASE_URL`))
      return true
    })
    provider.release()
  })
})

test('a control plane that is killed at any moment leaves nothing that the next one cannot finish', async () => {
  const provider = await open()
  const resource = resourceOf(provider)
  for (const pause of [350, 450, 550, 650, 750]) {
    const controlPlane = spawn(process.execPath, [CONTROL_PLANE], { stdio: ['pipe', 'pipe', 'inherit'] })
    const exit = once(controlPlane, 'exit')
    setTimeout(() => controlPlane.kill('SIGKILL'), pause)
    controlPlane.stdin.end(JSON.stringify({ options: { ...options, key: KEY.toString('hex') }, resource }))
    await exit
  }
  const made = await provider.provision(resource, NOTHING, signal())
  assert.ok(made.state === 'provisioned')
  await withDatabase(made.config, ask => ask('create table works ()'))
  assert.equal(await provider.deprovision(resource, signal()), 'gone')
  provider.release()
})

async function firstAnswer(
  child: ChildProcess,
  input: unknown,
): Promise<Extract<Provisioned, { state: 'provisioned' }>> {
  child.stdin?.end(JSON.stringify(input))
  assert.ok(child.stdout)
  const [line] = await once(createInterface({ input: child.stdout }), 'line', { signal: signal() })
  return JSON.parse(line)
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
}

/** Whatever of the server is there: all of it stands in its data directory. */
async function ownProcesses(): Promise<string[]> {
  const data = await stat(join(directory, 'data'))
  const standing = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  const all = await Promise.all(
    standing.map(async pid =>
      (await stat(`/proc/${pid}/cwd`).catch(() => undefined))?.ino === data.ino ? pid : [],
    ),
  )
  return all.flat()
}

async function nothingIsLeft(): Promise<void> {
  await eventually(
    'nothing of it is left',
    async () => (await ownProcesses()).length === 0 || undefined,
    2000,
  )
}
