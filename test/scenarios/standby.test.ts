import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestApp, Traffic } from '../support/app.ts'
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

test('a rollback to the release on standby answers at once from its dynos, then from new ones', async () => {
  await using repository = await TestRepository.of('moody')
  const app = await slowApp('quick-return', repository, 120)
  assert.deepEqual(await standing(app), ['v3'])
  await using traffic = new Traffic(app, 2)

  const back = await app.call('POST', '/releases', { release: await app.releaseId(3) })
  assert.equal(back.body.status, 'pending')
  const answered = await eventually('the old code answers', async () => {
    const self = await app.self()
    return self.release === 'v3' ? self : undefined
  })
  assert.equal(answered.greeting, 'one')
  assert.equal((await app.releases()).at(-1)?.status, 'pending', 'no dyno of v5 listens yet')
  await app.becomes(5, 'succeeded')
  assert.deepEqual(await app.self().then(self => [self.release, self.greeting]), ['v5', 'one'])
  await eventually('v4 stands by, and v3 is gone', async () => {
    const seen = (await app.dynos()).map(dyno => `v${dyno.release.version} ${dyno.state}`)
    return seen.toSorted().join() === 'v4 idle,v5 up' || undefined
  })
  assert.deepEqual(await standing(app), ['v4'])
  await traffic.more(20)
  assert.deepEqual(traffic.failures, [])
})

test('a release stands by through a crash of the control plane, and for as long as the app says', async () => {
  await using repository = await TestRepository.of('moody')
  const app = await slowApp('patient', repository, 120)
  await platform.crash()
  await platform.restart()
  const back = await app.call('POST', '/releases', { release: await app.releaseId(3) })
  assert.equal(back.status, 201)
  await eventually('the old code answers', async () => (await app.self()).release === 'v3' || undefined)
  await platform.crash()
  await platform.restart()
  await app.becomes(5, 'succeeded')
  await app.call('PATCH', '', { settings: { standby: 1 } })
  await eventually('only v5 is left', async () => {
    const dynos = await app.dynos()
    return (dynos.length === 1 && dynos[0]?.release.version === 5) || undefined
  })
})

/** An app at v4 that takes a second and a half to listen; v3 differed in its greeting. */
async function slowApp(name: string, repository: TestRepository, standby: number): Promise<TestApp> {
  const app = await TestApp.create(platform, name)
  const { status, stderr } = await repository.push(platform, name)
  assert.equal(status, 0, stderr)
  const set = await app.call('PATCH', '', { settings: { standby } })
  assert.equal(set.body.settings.standby, standby)
  await app.setConfig({ GREETING: 'one', BOOT_MS: '1500' })
  await app.becomes(3, 'succeeded')
  await app.setConfig({ GREETING: 'two' })
  await app.becomes(4, 'succeeded')
  await eventually('v3 stands by', async () => (await standing(app)).includes('v3') || undefined)
  return app
}

/** What `releases` shows as on standby. */
async function standing(app: TestApp): Promise<string[]> {
  const { body } = await app.call('GET', '/releases')
  return body.flatMap((release: { version: number; standby: boolean }) =>
    release.standby ? [`v${release.version}`] : [],
  )
}
