import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestApp } from '../support/app.ts'
import {
  installStack,
  labelOf,
  ON_DOCKER,
  removeBuilt,
  removePlatform,
  testEngine,
} from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

const found = await testEngine()
const GRACES = { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '5' }
const DOCKER = { ...GRACES, ...ON_DOCKER }

test('a platform goes from Docker to processes and back; what only Docker can run says so', {
  skip: found.skip ?? false,
}, async t => {
  const engine = await installStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-switch-'))
  t.after(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))

  async function during(
    environment: Readonly<Record<string, string>>,
    use: (platform: TestPlatform) => Promise<void>,
  ): Promise<void> {
    const platform = await startPlatform({ environment, dataDir })
    try {
      await use(platform)
    } finally {
      assert.equal(await platform.stop(), 0, platform.output())
    }
  }

  await during(DOCKER, async platform => {
    const [boxed, plain] = [await TestApp.create(platform, 'boxed'), await TestApp.create(platform, 'plain')]
    await deploy(platform, boxed, 'dockerfile-app')
    await deploy(platform, plain, 'hello-node')
    const label = await labelOf(platform)
    t.after(() => removePlatform(engine, label))
  })
  await during(GRACES, async platform => {
    const [boxed, plain] = [await TestApp.of(platform, 'boxed'), await TestApp.of(platform, 'plain')]
    await answers(plain, 'Hello from v2')
    await boxed.setConfig({ A: 'b' })
    await boxed.becomes(3, 'failed')
    const [newest] = (await boxed.releases()).slice(-1)
    assert.match(newest?.reason ?? '', /^web\.1 could not be started: Its image brings an operating system/)
    assert.match(newest?.reason ?? '', /TIDEMARK_RUNTIME=docker/)
    assert.equal((await boxed.visit()).status, 503)
    const said = (await boxed.log()).filter(line => line.includes('R99'))
    assert.match(said[0] ?? '', /could not be started: Its image brings .* TIDEMARK_RUNTIME=docker/)
  })
  await during(DOCKER, async platform => {
    const [boxed, plain] = [await TestApp.of(platform, 'boxed'), await TestApp.of(platform, 'plain')]
    await answers(plain, 'Hello from v2')
    await answers(boxed, 'hello from a Dockerfile')
    await removeBuilt(engine, platform)
  })
})

async function deploy(platform: TestPlatform, app: TestApp, fixture: string): Promise<void> {
  await using repository = await TestRepository.of(fixture)
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
}

async function answers(app: TestApp, text: string): Promise<void> {
  await eventually(`${app.name} answers`, async () => (await app.visit()).text.includes(text) || undefined)
}
