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

test('a release that answers with errors is rolled back, and both releases say why', async () => {
  await using repository = await TestRepository.of('moody')
  const app = await watched('errors', repository, {
    auto_rollback_requests: 10,
    auto_rollback_error_rate: 30,
  })
  for (let count = 0; count < 10; count++) assert.equal((await app.visit()).status, 200)
  await app.setConfig({ MOOD: 'sick' })
  await app.becomes(3, 'succeeded')
  for (let count = 0; count < 10; count++) assert.equal((await app.visit()).status, 500)

  await app.becomes(4, 'succeeded')
  assert.equal((await app.visit()).status, 200)
  const { body } = await app.call('GET', '/releases')
  const [bad, back] = body.slice(-2)
  assert.equal(back.description, 'Rollback to v2')
  assert.equal(back.user.email, 'platform@tidemark')
  assert.match(
    back.reason,
    /^v3 answered \d+ of \d+ requests with an error \(100 %, and the limit is 30 %\)$/,
  )
  assert.match(bad.reason, /^rolled back automatically by v4: it answered \d+ of \d+ requests/)
  assert.equal(bad.status, 'succeeded')
  assert.ok((await app.log()).some(line => /^app\[api\]: Automatic rollback to v2: v3 answered/.test(line)))
})

test('a release that keeps crashing is rolled back, over a crash of the control plane, and never twice in a row', async () => {
  await using repository = await TestRepository.of('moody')
  const app = await watched('crashes', repository, { auto_rollback_crashes: 2 })
  await app.setConfig({ GREETING: 'hello' })
  await app.becomes(3, 'succeeded')
  await crash(app)
  await platform.crash()
  await platform.restart()
  await crash(app)
  await app.becomes(4, 'succeeded')
  assert.deepEqual(await app.history(), ['v4 succeeded', 'v3 succeeded', 'v2 succeeded', 'v1 succeeded'])

  const times = async () =>
    (await app.log()).filter(line => line.includes('State changed from up to crashed'))
  await crash(app)
  await crash(app)
  await eventually('it crashed twice more', async () => (await times()).length >= 4 || undefined)
  await app.setConfig({ GREETING: 'again' })
  await app.becomes(5, 'succeeded')
  assert.equal((await app.releases()).length, 5, 'v4 was not rolled back')
})

test('nothing is rolled back where nobody asked for it, or the release before did no better', async () => {
  await using repository = await TestRepository.of('moody')
  const app = await watched('both-sick', repository, { auto_rollback_requests: 10 })
  await app.setConfig({ MOOD: 'sick' })
  await app.becomes(3, 'succeeded')
  await app.call('PATCH', '', { settings: { auto_rollback_window: 0 } })
  await errors(app, 12)
  await app.call('PATCH', '', { settings: { auto_rollback_window: 60 } })
  await app.setConfig({ GREETING: 'other' })
  await app.becomes(4, 'succeeded')
  await errors(app, 12)
  await rolledBackElsewhere(repository)
  assert.equal((await app.releases()).length, 4)
})

/** Another app is sick and rolled back: by then, all that was answered before has been counted and judged. */
async function rolledBackElsewhere(repository: TestRepository): Promise<void> {
  const app = await watched('elsewhere', repository, { auto_rollback_requests: 10 })
  await app.setConfig({ MOOD: 'sick' })
  await app.becomes(3, 'succeeded')
  await errors(app, 12)
  await app.becomes(4, 'succeeded')
}

/** An app at v2 whose releases are watched for a minute. */
async function watched(
  name: string,
  repository: TestRepository,
  settings: Record<string, number>,
): Promise<TestApp> {
  const app = await TestApp.create(platform, name)
  const { status, stderr } = await repository.push(platform, name)
  assert.equal(status, 0, stderr)
  const set = await app.call('PATCH', '', { settings: { auto_rollback_window: 60, ...settings } })
  assert.equal(set.status, 200)
  return app
}

/** Has the web dyno die, and waits until another answers. */
async function crash(app: TestApp): Promise<void> {
  const before = await eventually('it answers', () => app.self())
  await app.visit('/crash').catch(() => {})
  await eventually('another dyno answers', async () => (await app.self()).pid !== before.pid || undefined)
}

/** Visits that are answered with an error, and counted by the platform. */
async function errors(app: TestApp, count: number): Promise<void> {
  // At once: the release may be rolled back as soon as some of them were counted.
  const visits = await Promise.all(Array.from({ length: count }, () => app.visit()))
  for (const { status } of visits) assert.equal(status, 500)
  await eventually('all of them are in the log', async () => {
    const answered = (await app.log()).filter(line => line.includes('status=500'))
    return answered.length % count === 0 || undefined
  })
}
