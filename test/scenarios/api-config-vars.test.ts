import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deploy, startPlatform } from './api-support.ts'

test('config vars are set, read and removed, one release for each change', async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const set = await owner.call('PATCH', '/apps/sushi/config-vars', {
    body: { FOO: 'bar', EMPTY: '', A: 'b=c' },
  })
  assert.equal(set.status, 200)
  assert.deepEqual(set.body, { A: 'b=c', EMPTY: '', FOO: 'bar' })
  await owner.call('PATCH', '/apps/sushi/config-vars', { body: { FOO: null } })
  assert.deepEqual((await owner.call('GET', '/apps/sushi/config-vars')).body, { A: 'b=c', EMPTY: '' })
  const releases = await owner.call('GET', '/apps/sushi/releases', {
    headers: { range: 'version ..; order=desc,max=2' },
  })
  assert.deepEqual(
    releases.body.map((release: { description: string }) => release.description),
    ['Config remove FOO', 'Config add A, EMPTY, FOO'],
  )
  assert.deepEqual((await owner.call('GET', '/apps/sushi/releases/2/config-vars')).body, {
    A: 'b=c',
    EMPTY: '',
    FOO: 'bar',
  })
})

test('what changes nothing makes no release', async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await owner.call('PATCH', '/apps/sushi/config-vars', { body: { FOO: 'bar' } })
  assert.deepEqual(
    (await owner.call('PATCH', '/apps/sushi/config-vars', { body: { FOO: 'bar', GONE: null } })).body,
    { FOO: 'bar' },
  )
  assert.equal((await owner.call('GET', '/apps/sushi/releases')).body.length, 2)
})

test('config that cannot be is refused with a sentence that shows no value', async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  for (const [patch, sentence] of [
    [{ '1X': 'hunter2' }, /name "1X" is invalid/],
    [{ 'A-B': 'hunter2' }, /name "A-B" is invalid/],
    [{ HEROKU_APP_NAME: 'hunter2' }, /is reserved/],
    ['{"__proto__": "hunter2"}', /is reserved/],
    [{ A: 5 }, /A must be a string, or null/],
    [{ A: { B: 'hunter2' } }, /A must be a string, or null/],
    [{ A: 'x'.repeat(64 * 1024) }, /may take 65536 \(64 kB\)/],
  ] as const) {
    const refused = await owner.call('PATCH', '/apps/sushi/config-vars', { body: patch })
    assert.equal(refused.status, 422)
    assert.equal(refused.body.id, 'invalid_params')
    assert.match(refused.body.message, sentence)
    assert.doesNotMatch(refused.body.message, /hunter2/)
  }
  for (const body of ['[]', '"text"', 'null']) {
    const refused = await owner.call('PATCH', '/apps/sushi/config-vars', { body })
    assert.deepEqual([refused.status, refused.body.id], [400, 'bad_request'], body)
  }
  assert.equal((await owner.call('GET', '/apps/sushi/releases')).body.length, 1)
})

test('while head rolls out, its config is shown with a warning', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await deploy(platform, owner, app)
  const plain = await owner.call('PATCH', '/apps/sushi/config-vars', { body: { A: '1' } })
  assert.equal(
    plain.headers.get('x-heroku-warning'),
    'v3 is still rolling out: dynos get this config change when it succeeds.',
  )

  const { body: other } = await owner.call('POST', '/apps', { body: { name: 'ramen' } })
  await deploy(platform, owner, other, { processTypes: { web: 'node .', release: 'node migrate.js' } })
  await owner.call('PATCH', '/apps/ramen/config-vars', { body: { A: '1' } })
  const shown = await owner.call('GET', '/apps/ramen/config-vars')
  assert.deepEqual(shown.body, { A: '1' })
  assert.match(
    shown.headers.get('x-heroku-warning') ?? '',
    /^Release command executing: this config change will not be available until/,
  )
})

test('config changed since it was read is not overwritten under If-Match', async t => {
  const { owner } = await startPlatform(t)
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const tag = (await owner.call('GET', '/apps/sushi/config-vars')).headers.get('etag') ?? ''
  const ifMatch = { 'if-match': tag }
  assert.equal(
    (await owner.call('PATCH', '/apps/sushi/config-vars', { body: { A: '1' }, headers: ifMatch })).status,
    200,
  )
  const late = await owner.call('PATCH', '/apps/sushi/config-vars', { body: { A: '2' }, headers: ifMatch })
  assert.deepEqual([late.status, late.body.id], [412, 'precondition_failed'])
  assert.deepEqual((await owner.call('GET', '/apps/sushi/config-vars')).body, { A: '1' })
  const any = await owner.call('PATCH', '/apps/sushi/config-vars', {
    body: { A: '3' },
    headers: { 'if-match': '*' },
  })
  assert.equal(any.status, 200)
})
