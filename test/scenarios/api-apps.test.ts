import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPlatform } from './api-support.ts'

test('an app is made with its first release, shown, changed and destroyed', async t => {
  const platform = await startPlatform(t)
  const jim = await platform.caller('jim@example.com')

  const made = await jim.call('POST', '/apps', { body: { name: 'severe-mountain-793' } })
  assert.equal(made.status, 201)
  assert.equal(made.body.name, 'severe-mountain-793')
  assert.equal(made.body.web_url, 'http://severe-mountain-793.localhost:8080/')
  assert.equal(made.body.git_url, 'https://localhost:5443/severe-mountain-793.git')
  assert.deepEqual(made.body.owner, { id: jim.account.id, email: 'jim@example.com' })
  assert.match(made.body.created_at, /^2026-03-01T12:00:00Z$/)
  assert.equal(made.body.generation.name, 'cedar')

  const byId = await jim.call('GET', `/apps/${made.body.id}`, {
    headers: { accept: 'application/vnd.heroku+json; version=3.sdk' },
  })
  assert.equal(byId.body.generation, 'cedar')
  assert.equal(byId.body.slug_size, null)

  const releases = await jim.call('GET', '/apps/severe-mountain-793/releases')
  assert.deepEqual(
    releases.body.map((release: { version: number; description: string }) => [
      release.version,
      release.description,
    ]),
    [[1, 'Initial release']],
  )

  const renamed = await jim.call('PATCH', '/apps/severe-mountain-793', {
    body: { name: 'calm-bay', maintenance: true },
  })
  assert.equal(renamed.status, 200)
  assert.equal(renamed.body.name, 'calm-bay')
  assert.equal(renamed.body.maintenance, true)
  assert.equal((await jim.call('GET', '/apps/severe-mountain-793')).status, 404)

  assert.equal((await jim.call('DELETE', '/apps/calm-bay')).status, 200)
  assert.equal((await jim.call('GET', '/apps/calm-bay')).status, 404)
  const archived = await platform.owner.call('GET', '/archived-apps')
  assert.deepEqual(
    archived.body.map((app: { name: string }) => app.name),
    ['calm-bay'],
  )
})

test('an app without a name gets one', async t => {
  const platform = await startPlatform(t)
  const made = await platform.owner.call('POST', '/apps')
  assert.equal(made.status, 201)
  assert.match(made.body.name, /^[a-z]+-[a-z]+-\d{3,4}$/)
})

test('names that cannot be are refused with a sentence', async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'taken-name' } })
  for (const [name, sentence] of [
    ['Bad_Name', /^Name must start with a letter/],
    ['', /^Name must start with a letter/],
    ['a'.repeat(31), /3 to 30 characters/],
    ['api', /reserved for the platform/],
    ['taken-name', /already taken/],
  ] as const) {
    const refused = await owner.call('POST', '/apps', { body: { name } })
    assert.equal(refused.status, 422, name)
    assert.equal(refused.body.id, 'invalid_params')
    assert.match(refused.body.message, sentence)
  }
})

test("settings are seconds, refused outside of reason, and null takes the platform's again", async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const set = await owner.call('PATCH', '/apps/sushi', { body: { settings: { boot_timeout: 5 } } })
  assert.deepEqual(set.body.settings, {
    boot_timeout: 5,
    shutdown_grace: 30,
    start_grace: 2,
    release_timeout: 3600,
    standby: 0,
    auto_rollback_window: 0,
    auto_rollback_error_rate: 20,
    auto_rollback_requests: 20,
    auto_rollback_crashes: 3,
  })
  assert.deepEqual(set.body.own_settings, { boot_timeout: 5 })
  const reset = await owner.call('PATCH', '/apps/sushi', { body: { settings: { boot_timeout: null } } })
  assert.equal(reset.body.settings.boot_timeout, 90)
  assert.deepEqual(reset.body.own_settings, {})
  for (const settings of [{ boot_timeout: 0 }, { boot_timeout: '5' }, { boot_tiemout: 5 }]) {
    const refused = await owner.call('PATCH', '/apps/sushi', { body: { settings } })
    assert.equal(refused.status, 422)
    assert.match(refused.body.message, /^Invalid parameters: body\.settings/)
  }
})

test('apps of another account answer as if absent, and lists leave them out', async t => {
  const platform = await startPlatform(t)
  const jim = await platform.caller('jim@example.com')
  const joe = await platform.caller('joe@example.com')
  const { body: app } = await jim.call('POST', '/apps', { body: { name: 'sushi' } })
  const absent = await joe.call('GET', '/apps/absent')
  assert.equal(absent.status, 404)
  assert.deepEqual(absent.body, { id: 'not_found', message: "Couldn't find that app.", resource: 'app' })
  for (const [method, path] of [
    ['GET', '/apps/sushi'],
    ['GET', `/apps/${app.id}`],
    ['PATCH', '/apps/sushi'],
    ['DELETE', '/apps/sushi'],
    ['GET', '/apps/sushi/releases'],
    ['GET', '/apps/sushi/config-vars'],
    ['PATCH', '/apps/sushi/config-vars'],
    ['DELETE', '/apps/sushi/dynos'],
  ] as const) {
    const hidden = await joe.call(method, path, method === 'PATCH' ? { body: {} } : {})
    assert.deepEqual([hidden.status, hidden.body], [404, absent.body], `${method} ${path}`)
  }
  const names = (answer: { body: { name: string }[] }) => answer.body.map(({ name }) => name)
  assert.deepEqual(names(await joe.call('GET', '/apps')), [])
  assert.deepEqual(names(await jim.call('GET', '/users/~/apps')), ['sushi'])
  assert.deepEqual(names(await platform.owner.call('GET', '/apps')), ['sushi'])
  assert.deepEqual(names(await platform.owner.call('GET', '/users/~/apps')), [])
  assert.equal((await joe.call('GET', '/users/jim@example.com/apps')).status, 404)
})
