import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { startPlatform } from './api-support.ts'

test('the same request sent again gets the first answer and makes nothing twice', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const request = { body: { FOO: 'bar' }, headers: { 'request-id': 'aaa,bbb' } }
  const first = await owner.call('PATCH', '/apps/sushi/config-vars', request)
  await owner.call('PATCH', '/apps/sushi/config-vars', { body: { FOO: 'later' } })
  const second = await owner.call('PATCH', '/apps/sushi/config-vars', request)
  assert.deepEqual([second.status, second.body], [first.status, { FOO: 'bar' }])
  assert.deepEqual((await owner.call('GET', '/apps/sushi/config-vars')).body, { FOO: 'later' })
  assert.equal((await owner.call('GET', '/apps/sushi/releases')).body.length, 3)
})

test('requests that arrive together are one', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const request = { body: {}, headers: { 'request-id': 'together' } }
  const answers = await Promise.all(Array.from({ length: 8 }, () => owner.call('POST', '/apps', request)))
  assert.deepEqual([...new Set(answers.map(answer => answer.status))], [201])
  assert.equal(new Set(answers.map(answer => answer.body.id)).size, 1)
  assert.equal((await owner.call('GET', '/apps')).body.length, 1)
})

test('another body, another account or another path is another request', async t => {
  const platform = await startPlatform(t)
  const jim = await platform.caller('jim@example.com')
  const headers = { 'request-id': 'shared' }
  const made = await Promise.all([
    platform.owner.call('POST', '/apps', { body: {}, headers }),
    jim.call('POST', '/apps', { body: {}, headers }),
    jim.call('POST', '/apps', { body: { name: 'sushi' }, headers }),
  ])
  assert.equal(new Set(made.map(answer => answer.body.id)).size, 3)
})

test('the first answer is known after a restart, and refusals with it', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const request = { body: { name: 'sushi' }, headers: { 'request-id': 'before' } }
  const first = await owner.call('POST', '/apps', request)
  const refused = await owner.call('POST', '/apps', {
    body: { name: 'api' },
    headers: { 'request-id': 'bad' },
  })
  await platform.restart()
  const second = await owner.call('POST', '/apps', request)
  assert.deepEqual([second.status, second.body], [201, first.body])
  assert.notEqual(second.headers.get('request-id'), first.headers.get('request-id'))
  const again = await owner.call('POST', '/apps', { body: { name: 'api' }, headers: { 'request-id': 'bad' } })
  assert.deepEqual([again.status, again.body], [422, refused.body])
})

test('a release is not made twice when its answer was lost in a crash', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const request = { body: { FOO: 'bar' }, headers: { 'request-id': 'lost' } }
  await owner.call('PATCH', '/apps/sushi/config-vars', request)
  await owner.call('PATCH', '/apps/sushi/config-vars', { body: { FOO: 'later' } })
  await platform.restart()
  // What a kill between the commit and the writing of the answer leaves behind.
  await platform.ledger.transactPlatform(tx => tx.answers.deleteOlder(platform.clock.now + 1))
  assert.deepEqual((await owner.call('PATCH', '/apps/sushi/config-vars', request)).body, { FOO: 'bar' })
  assert.equal((await owner.call('GET', '/apps/sushi/releases')).body.length, 3)
})

test('kept answers do not show config values or tokens in the database file', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const headers = { 'request-id': 'kept' }
  await owner.call('PATCH', '/apps/sushi/config-vars', { body: { KEY: 'hunter2-hunter2' }, headers })
  const { body } = await owner.call('POST', '/oauth/authorizations', { body: {}, headers })
  await platform.restart()
  for (const file of ['ledger.sqlite', 'ledger.sqlite-wal']) {
    const bytes = await readFile(`${platform.directory}/${file}`).catch(() => Buffer.alloc(0))
    assert.equal(bytes.includes('hunter2'), false)
    assert.equal(bytes.includes(body.access_token.token), false)
  }
})
