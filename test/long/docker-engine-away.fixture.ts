/** A rollout whose engine stands still, and one whose engine ends and comes back: run in a network of its own. */
import assert from 'node:assert/strict'
import type { Release } from '../../src/client/shapes.ts'
import { TestApp, Traffic } from '../support/app.ts'
import { installStack, ON_DOCKER, OwnEngine } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { bringUpLoopback } from '../support/own-network.ts'
import { startPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

const WITHIN = 60_000

await bringUpLoopback()
const own = await OwnEngine.start()
try {
  const engine = await installStack(own.socket)
  await using platform = await startPlatform({
    environment: {
      ...ON_DOCKER,
      TIDEMARK_DOCKER_SOCKET: own.socket,
      TIDEMARK_SHUTDOWN_GRACE: '2',
    },
  })
  await using repository = await TestRepository.of('moody')
  const app = await TestApp.create(platform, 'unmoved')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
  await app.becomes(2, 'succeeded')

  await standsStill(app)
  await ends(app)
  await eventually(
    'one container is left',
    async () => (await engine.listContainers()).length === 1 || undefined,
  )
} finally {
  own.thaw()
  await own.close()
}

/** Containers go on without it, and so does the app. */
async function standsStill(app: TestApp): Promise<void> {
  await using traffic = new Traffic(app, 2)
  await app.setConfig({ GREETING: 'patience' })
  own.freeze()
  assert.equal((await newest(app)).status, 'pending')
  await traffic.more(50)
  assert.equal((await newest(app)).status, 'pending')
  own.thaw()
  await ended(app, 3)
  assert.equal((await newest(app)).status, 'succeeded')
  assert.equal((await app.self()).greeting, 'patience')
  await traffic.more(10)
  assert.deepEqual(traffic.failures, [])
}

/** It takes its containers with it. */
async function ends(app: TestApp): Promise<void> {
  await app.setConfig({ GREETING: 'again' })
  await own.stop()
  assert.equal((await app.call('GET', '')).status, 200, 'the API answers')
  await own.start()
  const release = await ended(app, 4)
  if (release.status === 'failed') assert.match(release.reason ?? '', /^web\.1 .*v3 is still serving/)
  const serving = release.status === 'failed' ? 'v3' : 'v4'
  await eventually(
    `${serving} answers`,
    async () => (await app.self()).release === serving || undefined,
    WITHIN,
  )
  await app.setConfig({ GREETING: 'as ever' })
  assert.equal((await ended(app, 5)).status, 'succeeded')
  assert.equal((await app.self()).greeting, 'as ever')
}

async function newest(app: TestApp): Promise<Release> {
  const release = (await app.releases()).at(-1)
  assert.ok(release)
  return release
}

function ended(app: TestApp, version: number): Promise<Release> {
  const isOver = (release: Release) => release.version === version && release.status !== 'pending'
  return eventually(`v${version} ended`, async () => (await app.releases()).find(isOver), WITHIN)
}
