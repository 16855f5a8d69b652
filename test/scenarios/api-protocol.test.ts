import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { minutes } from '../../src/core/time.ts'
import { startPlatform } from './api-support.ts'

test('every answer says which request it is to and how many are left', async t => {
  const { owner, call } = await startPlatform(t)
  const answer = await owner.call('GET', '/account')
  assert.match(answer.headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/)
  assert.equal(answer.headers.get('ratelimit-remaining'), '4499')
  assert.equal(answer.headers.get('cache-control'), 'private, no-cache')
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  assert.match(answer.headers.get('vary') ?? '', /Accept/)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  assert.equal(answer.headers.get('last-modified'), 'Sun, 01 Mar 2026 12:00:00 GMT')
  const refused = await call('GET', '/account')
  assert.match(refused.headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/)
})

test('what has not changed is not sent again', async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  for (const path of [
    '/apps/sushi',
    '/apps',
    '/apps/sushi/config-vars',
    '/apps/sushi/releases',
    '/account',
  ]) {
    const etag = (await owner.call('GET', path)).headers.get('etag') ?? ''
    assert.match(etag, /^"[\w.-]+"$/)
    const again = await owner.call('GET', path, { headers: { 'if-none-match': `"other", ${etag}` } })
    assert.deepEqual([again.status, again.body, again.headers.get('etag')], [304, '', etag], path)
    assert.equal((await owner.call('GET', path, { headers: { 'if-none-match': '"other"' } })).status, 200)
  }
})

test('an app changed since it was read is neither changed nor destroyed under If-Match', async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const headers = { 'if-match': (await owner.call('GET', '/apps/sushi')).headers.get('etag') ?? '' }
  assert.equal(
    (await owner.call('PATCH', '/apps/sushi', { body: { maintenance: true }, headers })).status,
    200,
  )
  assert.equal(
    (await owner.call('PATCH', '/apps/sushi', { body: { maintenance: false }, headers })).status,
    412,
  )
  assert.equal((await owner.call('DELETE', '/apps/sushi', { headers })).status, 412)
  assert.equal((await owner.call('GET', '/apps/sushi')).body.maintenance, true)
  const fresh = { 'if-match': (await owner.call('GET', '/apps/sushi')).headers.get('etag') ?? '' }
  assert.equal((await owner.call('DELETE', '/apps/sushi', { headers: fresh })).status, 200)
})

test('version 3 in all its variants is spoken, and no other', async t => {
  const { owner } = await startPlatform(t)
  for (const accept of [
    '*/*',
    'application/json',
    'application/vnd.heroku+json; version=3',
    'application/vnd.heroku+json; version=3.webhooks',
    'application/vnd.heroku+json; version=3.unheard-of',
  ]) {
    assert.equal((await owner.call('GET', '/account', { headers: { accept } })).status, 200, accept)
  }
  const other = await owner.call('GET', '/account', {
    headers: { accept: 'application/vnd.heroku+json; version=2' },
  })
  assert.deepEqual([other.status, other.body.id], [406, 'not_acceptable'])
})

test('an account that asks too often is told to wait, and may ask how long', async t => {
  const platform = await startPlatform(t, { rateLimit: { pool: 3, perMinute: 2 } })
  const { owner, clock } = platform
  const answers = []
  for (let request = 0; request < 4; request++) answers.push(await owner.call('GET', '/account'))
  assert.deepEqual(
    answers.map(answer => [answer.status, answer.headers.get('ratelimit-remaining')]),
    [
      [200, '2'],
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ],
  )
  assert.deepEqual(answers[3]?.body, {
    id: 'rate_limit',
    message: 'Your account reached the API rate limit\nPlease wait a few minutes before making new requests',
  })
  assert.deepEqual((await owner.call('GET', '/account/rate-limits')).body, { remaining: 0 })
  const jim = await platform.caller('jim@example.com')
  assert.equal((await jim.call('GET', '/account')).status, 200)
  clock.now += minutes(1)
  assert.deepEqual((await owner.call('GET', '/account/rate-limits')).body, { remaining: 2 })
  assert.equal((await owner.call('GET', '/account')).status, 200)
})

test('what is malformed gets a sentence in JSON', async t => {
  const { owner, call, faults } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  for (const [method, path, body, status, id] of [
    ['PATCH', '/apps/sushi', '{"name":', 400, 'bad_request'],
    ['PATCH', '/apps/sushi', 'name=ramen', 400, 'bad_request'],
    ['PATCH', '/apps/sushi', '[]', 400, 'bad_request'],
    ['PATCH', '/apps/sushi', { maintenance: 'yes' }, 422, 'invalid_params'],
    ['PATCH', '/apps/sushi/formation', { updates: {} }, 422, 'invalid_params'],
    ['PATCH', '/apps/sushi/formation', {}, 422, 'invalid_params'],
    ['POST', '/apps', { name: 'x'.repeat(2_000_000) }, 413, 'request_too_large'],
    ['POST', '/nowhere', {}, 404, 'not_found'],
    ['GET', '/apps/%zz', undefined, 400, 'bad_request'],
    ['GET', `/apps/${'x'.repeat(2000)}`, undefined, 400, 'bad_request'],
    ['GET', '/apps/..%2F..%2Fetc', undefined, 404, 'not_found'],
  ] as const) {
    const answer = await owner.call(method, path, { body })
    assert.deepEqual([answer.status, answer.body.id], [status, id], `${method} ${path.slice(0, 40)}`)
    assert.match(answer.body.message, /^[A-Z].*[.?]?$/)
    assert.doesNotMatch(answer.body.message, /\n|node_modules|Error:/)
  }
  assert.equal((await call('GET', '/nowhere')).status, 404)
  assert.deepEqual(faults, [])
})

test('headers without end are refused, not read', async t => {
  const { url, owner } = await startPlatform(t)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.after(() => socket.destroy())
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  socket.on('error', () => {})
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(60_000) })
  socket.write('GET /account HTTP/1.1\r\nHost: localhost\r\nX-Long: ')
  socket.write('x'.repeat(10_000_000))
  await closed
  assert.match(answer, /^HTTP\/1\.1 431 /)
  assert.match(answer, /"id":"request_header_fields_too_large"/)
  assert.equal((await owner.call('GET', '/account')).status, 200)
})

test('a fault of ours shows nothing of itself, and is reported', async t => {
  const secret = new Error('hunter2 in /srv/ledger.sqlite')
  const platform = await startPlatform(t, { repositorySize: () => Promise.reject(secret) })
  const answer = await platform.owner.call('POST', '/apps', { body: { name: 'sushi' } })
  assert.equal(answer.status, 500)
  assert.equal(answer.body.id, 'internal_server_error')
  const requestId = answer.headers.get('request-id')
  assert.equal(
    answer.body.message,
    `Internal server error. The operator finds the cause in the log under request ${requestId}.`,
  )
  assert.deepEqual(platform.faults, [{ requestId, method: 'POST', path: '/apps', error: secret }])
})

test('browsers of other origins may read with a token of their own', async t => {
  const { owner, call } = await startPlatform(t)
  const origin = { origin: 'https://example.com' }
  const preflight = await call('OPTIONS', '/apps', { headers: origin })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
  assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /GET/)
  const read = await owner.call('GET', '/apps', { headers: origin })
  assert.equal(read.headers.get('access-control-allow-origin'), '*')
  assert.equal(read.headers.has('access-control-allow-credentials'), false)
})

test('health and schema need no token', async t => {
  const { call } = await startPlatform(t)
  assert.deepEqual((await call('GET', '/health')).body, { status: 'ok' })
  const schema = (await call('GET', '/schema')).body
  assert.equal(schema.openapi, '3.0.3')
  assert.ok(schema.paths['/apps/{app}/releases'].post)
  assert.deepEqual((await call('GET', '/openapi.json')).body, schema)
})

test('what an app does not have is empty or not found, never an error of ours', async t => {
  const { owner, faults } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  for (const path of [
    '/addons',
    '/addon-attachments',
    '/addon-services',
    '/apps/sushi/addons',
    '/apps/sushi/addon-attachments',
    '/apps/sushi/log-drains',
    '/apps/sushi/features',
    '/account/features',
    '/teams',
    '/spaces',
    '/apps/sushi/dynos',
    '/apps/sushi/formation',
    '/apps/sushi/builds',
    '/apps/sushi/buildpack-installations',
  ]) {
    const answer = await owner.call('GET', path)
    assert.deepEqual([answer.status, answer.body], [200, []], path)
    assert.equal(answer.headers.has('next-range'), false)
  }
  for (const [path, resource] of [
    ['/addons/pg', 'add_on'],
    ['/apps/sushi/addons/pg', 'add_on'],
    ['/apps/sushi/pipeline-couplings', 'pipeline_coupling'],
    ['/account/features/x', 'feature'],
    ['/apps/sushi/dynos/web.1', 'dyno'],
    ['/apps/sushi/formation/web', 'process_type'],
    ['/apps/sushi/builds/nope', 'build'],
  ] as const) {
    const answer = await owner.call('GET', path)
    assert.deepEqual(
      [answer.status, answer.body.id, answer.body.resource],
      [404, 'not_found', resource],
      path,
    )
  }
  const [domain] = (
    await owner.call('GET', '/apps/sushi/domains', { headers: { range: 'id ..; max=1000;' } })
  ).body
  assert.deepEqual([domain.kind, domain.hostname], ['heroku', 'sushi.localhost'])
  assert.equal((await owner.call('GET', '/stacks')).body[0].name, 'tidemark-1')
  assert.equal((await owner.call('GET', '/regions')).body[0].name, 'us')
  assert.deepEqual(faults, [])
})
