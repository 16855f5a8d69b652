import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, readdir, readFile, rmdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { releaseDynoId } from '../../src/core/release-command.ts'
import { call, TestApp, Traffic } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { ROOT, startPlatform, type TestPlatform } from '../support/platform.ts'
import { run, TestRepository } from '../support/repository.ts'

const ENVIRONMENT = { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2' }
let platform: TestPlatform

before(async () => {
  platform = await startPlatform({ environment: ENVIRONMENT })
})

after(() => platform?.[Symbol.asyncDispose]())

async function deployed(name: string): Promise<TestApp> {
  const app = await TestApp.create(platform, name)
  await using repository = await TestRepository.of('moody')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
  return app
}

test('killed while all is quiet: the same dynos answer all along', async () => {
  const app = await deployed('adopted')
  const { pid } = await app.self()
  await using traffic = new Traffic(app)
  await platform.crash()
  await traffic.more(20)
  await platform.restart()
  await traffic.more(20)
  assert.equal((await app.self()).pid, pid)
  assert.deepEqual(traffic.failures, [])
  assert.deepEqual(await app.history(), ['v2 succeeded', 'v1 succeeded'])
  const log = await app.log()
  for (const line of ['app[api]: Release v2 created by user owner@localhost', 'app[web.1]: listening'])
    assert.ok(log.includes(line), `${line} is not in:\n${log.join('\n')}`)
})

test('killed during a rollout: it is finished after the restart', async () => {
  const app = await deployed('half-way')
  await using traffic = new Traffic(app)
  await app.setConfig({ BOOT_MS: '1500', GREETING: 'after all' })
  await app.setConfig({ BOOT_MS: null })
  await platform.crash()
  await platform.restart()
  await app.becomes(4, 'succeeded')
  assert.deepEqual((await app.history()).slice(0, 2), ['v4 succeeded', 'v3 succeeded'])
  assert.equal((await app.self()).greeting, 'after all')
  assert.deepEqual(traffic.failures, [])
})

test('killed during a build: the push fails, and no process or file of the build is left', async () => {
  const app = await TestApp.create(platform, 'half-built')
  await using repository = await TestRepository.of('moody')
  await repository.write(
    'package.json',
    JSON.stringify({ name: 'endless', scripts: { build: 'sleep 4817' } }),
  )
  await repository.commit('Build for ever')
  const pushing = repository.push(platform, app.name)
  await eventually('the build runs', async () => (await programs('4817')).length > 0 || undefined)
  await platform.crash()
  assert.notEqual((await pushing).status, 0)
  await eventually('no process of the build', async () => (await programs('4817')).length === 0 || undefined)
  await platform.restart()
  assert.deepEqual(await readdir(join(platform.dataDir, 'builds')), [])
  const log = await app.log()
  assert.ok(
    log.some(line => /Build failed: The build was interrupted by a restart of the platform/.test(line)),
    log.join('\n'),
  )
  await repository.write('package.json', JSON.stringify({ name: 'short' }))
  await repository.commit('Build at once')
  assert.equal((await repository.push(platform, app.name)).status, 0)
})

test('a router that is killed is back with the table it had', async () => {
  const app = await deployed('rerouted')
  const [router] = await programs(join('router', 'main'))
  process.kill(router ?? 0, 'SIGKILL')
  await eventually('another router', async () => {
    const [now] = await programs(join('router', 'main'))
    return now !== undefined && now !== router ? now : undefined
  })
  await eventually('it answers', async () => (await app.visit()).status === 200 || undefined)
})

test('a dyno host that is killed has its dynos started again', async () => {
  const app = await deployed('rehosted')
  const { pid } = await app.self()
  const [host] = await programs(join('host', 'main'))
  process.kill(host ?? 0, 'SIGKILL')
  const next = await eventually('another dyno answers', async () => {
    const self = await app.self()
    return self.pid !== pid ? self : undefined
  })
  assert.equal(next.release, 'v2')
})

test('reloaded by SIGHUP: same process, same ports, same dynos, no request lost', async () => {
  const app = await deployed('reloaded')
  const { pid } = await app.self()
  await using traffic = new Traffic(app)
  const before = platform.output().length
  process.kill(platform.pid, 'SIGHUP')
  await eventually(
    'running again',
    async () => platform.output().slice(before).includes('Tidemark is running.') || undefined,
  )
  await traffic.more(20)
  assert.equal((await call(platform, { path: '/apps' })).status, 200)
  assert.equal((await app.self()).pid, pid)
  assert.deepEqual(traffic.failures, [])
})

test('a second server on the same directory is refused, and harms nothing', async () => {
  const app = await deployed('undisturbed')
  const second = await server(
    '--data-dir',
    platform.dataDir,
    '--port',
    '0',
    '--tls-port',
    '0',
    '--router-port',
    '0',
  )
  assert.equal(second.status, 1)
  assert.equal(
    second.stderr,
    `tidemark: Another Tidemark server is running on ${platform.dataDir}. Stop it first, or choose another directory with --data-dir.\n`,
  )
  assert.equal((await app.self()).release, 'v2')
})

test('stopped by SIGTERM in time, whatever hangs, with nothing left', async () => {
  await using own = await startPlatform({ environment: ENVIRONMENT })
  const app = await TestApp.create(own, 'stubborn')
  await using repository = await TestRepository.of('moody')
  await app.setConfig({ DEAF: '1' })
  assert.equal((await repository.push(own, app.name)).status, 0)
  const hanging = app.visit('/hang').catch(() => {})
  const { pid } = await app.self()
  // Not 0, but 1, were it not done within 10 s.
  assert.equal(await own.stop(), 0, own.output())
  await hanging
  assert.deepEqual(await programs(own.dataDir), [])
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), new RegExp(own.dataDir))
  await assert.rejects(access(join(own.dataDir, 'endpoints.json')), { code: 'ENOENT' })
  assert.deepEqual(await readdir(join(own.dataDir, 'builds')), [])
})

for (const [flag, what] of [
  ['--port', 'API'],
  ['--router-port', 'router'],
] as const) {
  test(`a taken port of the ${what} is said in a sentence, and nothing is left running`, async t => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    t.after(() => taken.close())
    const { port } = taken.address() as { port: number }
    await using own = await startPlatform({ environment: ENVIRONMENT })
    await own.stop()
    const ports = ['--port', '0', '--tls-port', '0', '--router-port', '0', flag, `${port}`]
    const { status, stderr } = await server('--data-dir', own.dataDir, ...ports)
    assert.equal(status, 1)
    assert.match(
      stderr,
      new RegExp(
        `annot listen on 127\\.0\\.0\\.1:${port}: another program is using it\\. .*Choose another port`,
        's',
      ),
    )
    assert.deepEqual(await programs(own.dataDir), [])
  })
}

test('told to stop while it is still starting, it leaves nothing running', async () => {
  await using own = await startPlatform({ environment: ENVIRONMENT })
  await own.stop()
  const args = [join(ROOT, 'bin', 'tidemark.js'), 'server', '--data-dir', own.dataDir]
  const child = spawn(process.execPath, [...args, '--port', '0', '--tls-port', '0', '--router-port', '0'], {
    stdio: 'ignore',
  })
  const exit = once(child, 'exit')
  await eventually('a dyno host', async () => (await programs(own.dataDir)).length > 1 || undefined)
  child.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null])
  assert.deepEqual(await programs(own.dataDir), [])
})

function server(...flags: string[]): ReturnType<typeof run> {
  return run(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), 'server', ...flags], { timeout: 20_000 })
}

/** Processes of this test's platform, or of what it runs, with `text` in their arguments. */
async function programs(text: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    const isOurs = text.includes('main') ? line.includes(platform.dataDir) : true
    if (isOurs && line.includes(text)) found.push(Number(name))
  }
  return found
}

test('what cannot be removed of a destroyed app keeps no server from starting', async () => {
  const app = await TestApp.create(platform, 'stuck')
  const [first] = await app.releases()
  assert.equal((await app.call('DELETE', '')).status, 200)
  await platform.crash()
  const stuck = join(platform.dataDir, 'transcripts', `${releaseDynoId(first?.id ?? '')}.log`)
  await mkdir(stuck)
  await platform.restart()
  assert.match(platform.output(), /"doing":"remove a destroyed app"/)
  await rmdir(stuck)
})
