import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import { openProcessDriver } from '../../src/runtime/drivers/process/driver.ts'
import { TestApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { ROOT, startPlatform, type TestPlatform } from '../support/platform.ts'
import { run, TestRepository } from '../support/repository.ts'

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({
    environment: { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2' },
  })
})

after(() => platform?.[Symbol.asyncDispose]())

test('says that all is well, and what is not when a dyno keeps crashing', async () => {
  await using repository = await TestRepository.of('moody')
  const app = await TestApp.create(platform, 'patient')
  assert.equal((await repository.push(platform, app.name)).status, 0)
  const well = await doctor(app)
  assert.equal(well.status, 0, well.stderr)
  assert.match(well.stdout, /^ok {5}v2 is current and runs on all of its 1 dyno\.$/m)
  assert.match(well.stdout, /^ok {5}The artifact of v2 is there, and every byte of it as it was stored\.$/m)
  assert.match(well.stdout, /^ok {5}No release is pending\.$/m)

  await eventually('it has crashed twice', async () => {
    await app.visit('/crash').catch(() => {})
    return (
      (await wrong(app)).some(sentence => /web\.1 crashed [23] times in a row/.test(sentence)) || undefined
    )
  })
  const ill = await doctor(app)
  assert.equal(ill.status, 1)
  assert.match(ill.stdout, /^WRONG {2}web\.1 crashed \d times in a row, and starts again in \d+ m?s\.$/m)
  assert.match(ill.stderr, /patient is not as it should be/)
})

test('a dyno that nobody asked for, and one that is not what it should be, are seen, logged and repaired', async () => {
  await using repository = await TestRepository.of('moody')
  const app = await TestApp.create(platform, 'adrift')
  assert.equal((await repository.push(platform, app.name)).status, 0)
  const [genuine] = await app.dynos()
  assert.ok(genuine)
  await platform.crash()
  await tamper(app, genuine.id)
  await platform.restart()

  await eventually('both drifts are in the log', async () => {
    const log = await app.log()
    const drifts = log.filter(line => line.includes('Drift:')).toSorted()
    return drifts.length === 2 ? drifts : undefined
  })
  await eventually('all is well again', async () => (await wrong(app)).length === 0 || undefined)
  const dynos = await app.dynos()
  assert.deepEqual(
    dynos.map(dyno => dyno.name),
    ['web.1'],
  )
  assert.notEqual(dynos[0]?.id, genuine.id)
})

/** While no control plane looks: gives one dyno another's content under its own id, and starts one that nobody wants. */
async function tamper(app: TestApp, dynoId: string): Promise<void> {
  const { dataDir } = platform
  const store = await openFilesystemStore(join(dataDir, 'artifacts'))
  const driver = await openProcessDriver({
    directory: join(dataDir, 'dynos'),
    layers: (digest, signal) => store.layers(digest, signal),
    identity: () => null,
    visible: [dirname(process.execPath)],
    path: [dirname(process.execPath)],
  })
  const before = (await driver.list()).find(dyno => dyno.id === dynoId)
  assert.ok(before)
  await driver.stop(dynoId, 0)
  await eventually('it is gone', async () => {
    const dyno = (await driver.list()).find(({ id }) => id === dynoId)
    return dyno?.state === 'exited' || undefined
  })
  await driver.forget([dynoId])
  const index = JSON.parse(await readFile(join(dataDir, 'artifacts', 'index.json'), 'utf8'))
  const { releaseId } = before
  const spec = {
    ...{ appId: app.id, appName: app.name, releaseId, kind: 'formation' as const, type: 'web' },
    ...{ command: 'node server.mjs', image: index.manifests[0].digest, fingerprint: 'of something else' },
    ...{ environment: {}, listens: true, size: 'Basic' },
  }
  await driver.start({ ...spec, id: dynoId, name: 'web.1', number: 1 })
  await driver.start({ ...spec, id: randomUUID(), name: 'web.7', number: 7 })
  await eventually('both listen', async () => {
    const dynos = (await driver.list()).filter(dyno => dyno.appId === app.id)
    return dynos.filter(dyno => dyno.isListening).length === 2 || undefined
  })
  driver.disconnect()
}

async function wrong(app: TestApp): Promise<string[]> {
  const { body } = await app.call('GET', '/doctor')
  return body.flatMap((check: { status: string; sentence: string }) =>
    check.status === 'wrong' ? [check.sentence] : [],
  )
}

function doctor(app: TestApp) {
  return run(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), 'apps:doctor', '--app', app.name], {
    environment: {
      TIDEMARK_URL: platform.endpoints.api,
      TIDEMARK_API_KEY: platform.token,
      NO_COLOR: '1',
    },
  })
}
