import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import { TestApp, Traffic } from '../support/app.ts'
import {
  installStack,
  labelOf,
  ON_DOCKER,
  removeBuilt,
  removePlatform,
  testEngine,
} from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { runInOwnNetwork } from '../support/own-network.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

const found = await testEngine()
const NOT_ROOT = process.getuid?.() === 0 ? false : 'Only root may start an engine of its own.'

const ENGINE_AWAY = fileURLToPath(new URL('docker-engine-away.fixture.ts', import.meta.url))

/** Its release command ends as a config var says. */
const MANIFEST = `build:
  docker:
    web: docker/Dockerfile
  config:
    GREETING: hello from heroku.yml
release:
  image: web
  command:
    - echo "releasing in $PWD:" *.mjs && exit \${STATUS:-0}
run:
  web: node server.mjs
`

suite('releases of apps that run as containers', { skip: found.skip ?? false, concurrency: 2 }, () => {
  let platform: TestPlatform
  let engine: Docker

  before(async () => {
    engine = await installStack()
    platform = await startPlatform({
      environment: { ...ON_DOCKER, TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '5' },
    })
  })

  after(async () => {
    const label = platform && (await labelOf(platform))
    if (platform !== undefined) await removeBuilt(engine, platform)
    await platform?.[Symbol.asyncDispose]()
    if (label !== undefined) await removePlatform(engine, label)
  })

  /** Pushes, and answers what git says of it. */
  async function push(app: TestApp, repository: TestRepository): Promise<{ status: number; stderr: string }> {
    await repository.commit('Change')
    return repository.push(platform, app.name)
  }

  test('pushes, config changes and rollbacks fail no request; nor does a release that does not come up', async () => {
    await using repository = await TestRepository.of('moody')
    const app = await TestApp.create(platform, 'steady')
    assert.equal((await push(app, repository)).status, 0)
    await app.becomes(2, 'succeeded')
    await using traffic = new Traffic(app, 4)

    await app.setConfig({ GREETING: 'hi' })
    await app.becomes(3, 'succeeded')
    await repository.write('note.txt', 'A file more.\n')
    const pushed = await push(app, repository)
    assert.equal(pushed.status, 0, pushed.stderr)
    await app.becomes(4, 'succeeded')
    for (const [version, target, greeting] of [
      [5, 2, undefined],
      [6, 4, 'hi'],
    ] as const) {
      const rolled = await app.call('POST', '/releases', { release: await app.releaseId(target) })
      assert.equal(rolled.status, 201, JSON.stringify(rolled.body))
      await app.becomes(version, 'succeeded')
      const self = await app.self()
      assert.deepEqual([self.release, self.greeting], [`v${version}`, greeting])
    }

    await app.setConfig({ MOOD: 'crash' })
    await app.becomes(7, 'failed')
    const failed = (await app.releases()).find(({ version }) => version === 7)
    assert.equal(
      failed?.reason,
      'web.1 exited with status 1 before it listened on $PORT; v6 is still serving',
    )
    assert.equal((await app.self()).release, 'v6')
    await eventually('only the dynos of v6 are left', async () => {
      const filters = { label: [`tidemark.app=${app.id}`] }
      const states = (await engine.listContainers({ all: true, filters })).map(({ State }) => State)
      return (states.length === 1 && states[0] === 'running') || undefined
    })
    await traffic.more(20)
    assert.deepEqual(traffic.failures, [])
  })

  test('the release phase runs in the image of a Dockerfile; when it fails, the release before serves on', async () => {
    await using repository = await TestRepository.of('heroku-yml-app')
    await repository.write('heroku.yml', MANIFEST)
    const app = await TestApp.create(platform, 'phased')
    assert.equal((await app.call('PATCH', '', { build_stack: 'container' })).status, 200)
    const pushed = await push(app, repository)
    assert.equal(pushed.status, 0, pushed.stderr)
    assert.match(pushed.stderr, /releasing in \/srv: .*greeting\.mjs/)
    await eventually(
      'it answers',
      async () => (await app.visit()).text === 'hello from heroku.yml\n' || undefined,
    )
    const { version = 0 } = (await app.releases()).at(-1) ?? {}
    await using traffic = new Traffic(app, 2)

    await app.setConfig({ STATUS: '3' })
    await app.becomes(version + 1, 'failed')
    const failed = (await app.releases()).at(-1)
    assert.match(failed?.reason ?? '', new RegExp(`exited with status 3; v${version} is still serving$`))
    await app.setConfig({ STATUS: '0' })
    await app.becomes(version + 2, 'succeeded')
    await traffic.more(20)
    assert.deepEqual(traffic.failures, [])
  })
})

test('an engine that stops, or stands still, in the middle of a rollout: the release ends, and the app serves again', {
  skip: found.skip ?? NOT_ROOT,
}, async () => {
  assert.equal(await runInOwnNetwork(ENGINE_AWAY), 0)
})
