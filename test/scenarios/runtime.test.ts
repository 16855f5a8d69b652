import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({
    environment: { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2' },
  })
})

after(() => platform?.[Symbol.asyncDispose]())

async function deployed(name: string): Promise<TestApp> {
  const app = await TestApp.create(platform, name)
  await using repository = await TestRepository.of('moody')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
  return app
}

function scale(app: TestApp, type: string, quantity: number) {
  return app.call('PATCH', '/formation', { updates: [{ type, quantity }] })
}

/** Waits until `ps` shows exactly these, as `web.1 up`. */
function shows(app: TestApp, ...expected: string[]): Promise<unknown> {
  return eventually(expected.join(', '), async () => {
    const dynos = (await app.dynos()).map(({ name, state }) => `${name} ${state}`).sort()
    return dynos.join() === [...expected].sort().join() || undefined
  })
}

/** Waits until the app's log has a line that matches. */
function logs(app: TestApp, line: RegExp): Promise<unknown> {
  return eventually(String(line), async () => (await app.log()).some(text => line.test(text)) || undefined)
}

test('process types are scaled up and down', async () => {
  const app = await deployed('scales')
  await shows(app, 'web.1 up')
  await scale(app, 'worker', 2)
  await shows(app, 'web.1 up', 'worker.1 up', 'worker.2 up')
  await logs(app, /^app\[worker\.2\]: working$/)
  await scale(app, 'worker', 0)
  await shows(app, 'web.1 up')
  await scale(app, 'web', 2)
  await shows(app, 'web.1 up', 'web.2 up')
  await scale(app, 'web', 0)
  await shows(app)
  await eventually('nobody answers', async () => (await app.visit()).status === 503 || undefined)
  assert.equal((await app.releases()).length, 2)
})

test('a dyno that crashes is started again', async () => {
  const app = await deployed('crashes')
  const { pid } = await app.self()
  await app.visit('/crash').catch(() => {})
  const next = await eventually('another process', async () => {
    const self = await app.self()
    return self.pid !== pid ? self : undefined
  })
  assert.equal(next.dyno, 'web.1')
  await logs(app, /^heroku\[web\.1\]: Process exited with status 7$/)
  await logs(app, /^heroku\[web\.1\]: State changed from up to crashed$/)
})

test('one dyno is restarted, another is stopped and stays so until the next restart', async () => {
  const app = await deployed('restarts')
  await scale(app, 'worker', 1)
  await shows(app, 'web.1 up', 'worker.1 up')
  const { pid } = await app.self()
  assert.equal((await app.call('DELETE', '/dynos/web.1')).status, 202)
  await eventually('another process', async () => (await app.self()).pid !== pid || undefined)
  assert.equal((await app.call('POST', '/dynos/worker.1/actions/stop')).status, 202)
  await shows(app, 'web.1 up')
  await app.call('DELETE', '/dynos')
  await shows(app, 'web.1 up', 'worker.1 up')
})

test('a one-off dyno runs detached, and its output is in the log', async () => {
  const app = await deployed('runs-once')
  const run = await app.call('POST', '/dynos', {
    command: 'echo "$MARK" && exit 3',
    env: { MARK: 'one-off here' },
  })
  assert.equal(run.status, 201)
  await logs(app, new RegExp(`^app\\[${run.body.name.replace('.', '\\.')}\\]: one-off here$`))
  await logs(
    app,
    new RegExp(`^heroku\\[${run.body.name.replace('.', '\\.')}\\]: Process exited with status 3$`),
  )
  await shows(app, 'web.1 up')
})

test('what a dyno writes is its own, and goes with it', async () => {
  const app = await deployed('writes')
  await app.visit('/write')
  assert.equal((await app.visit('/read')).text, 'web.1')
  const run = await app.call('POST', '/dynos', { command: 'ls note || echo "no note here"' })
  await logs(app, new RegExp(`^app\\[${run.body.name.replace('.', '\\.')}\\]: no note here$`))
  const { pid } = await app.self()
  await app.call('DELETE', '/dynos/web.1')
  await eventually('another process', async () => (await app.self()).pid !== pid || undefined)
  assert.equal((await app.visit('/read')).text, 'nothing')
})

test('a worker that crashes at once fails the release', async () => {
  const app = await deployed('bad-worker')
  await scale(app, 'worker', 1)
  await shows(app, 'web.1 up', 'worker.1 up')
  // However slow the machine is, it crashes before it counts as started.
  await app.call('PATCH', '', { settings: { start_grace: 15 } })
  await app.setConfig({ WORKER_MOOD: 'crash' })
  await app.becomes(3, 'failed')
  assert.equal((await app.self()).release, 'v2')
  await shows(app, 'web.1 up', 'worker.1 up')
})

test('maintenance and a new name reach the router', async () => {
  const app = await deployed('renamed')
  await app.call('PATCH', '', { maintenance: true })
  await eventually('maintenance', async () => (await app.visit()).text.includes('maintenance') || undefined)
  await app.call('PATCH', '', { maintenance: false })
  await eventually('back', async () => (await app.visit()).status === 200 || undefined)
  assert.equal((await app.call('PATCH', '', { name: 'renamed-since' })).status, 200)
  await eventually('gone from the old name', async () => (await app.visit()).status === 404 || undefined)
})
