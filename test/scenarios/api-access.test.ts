import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes } from '../../src/core/time.ts'
import { startPlatform } from './api-support.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('a token is taken as Bearer, and as the password of Basic', async t => {
  const { call, owner } = await startPlatform(t)
  for (const authorization of [
    `Bearer ${owner.token}`,
    `bearer ${owner.token}`,
    basic(`:${owner.token}`),
    basic(`heroku:${owner.token}`),
    basic(`owner@example.com:${owner.token}`),
  ]) {
    const answer = await call('GET', '/account', { headers: { authorization } })
    assert.deepEqual([answer.status, answer.body.email], [200, 'owner@example.com'], authorization)
  }
})

test('whoever cannot say who they are is told so, in one way', async t => {
  const { call, owner } = await startPlatform(t)
  for (const authorization of [
    undefined,
    'Bearer wrong',
    'Bearer ',
    'Basic !!!',
    basic('no-colon'),
    basic(':wrong'),
    `Digest ${owner.token}`,
  ]) {
    const answer = await call(
      'GET',
      '/account',
      authorization === undefined ? {} : { headers: { authorization } },
    )
    assert.deepEqual([answer.status, answer.body.id], [401, 'unauthorized'], authorization)
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/)
  }
})

test('an e-mail address and password make a token, and open nothing else', async t => {
  const platform = await startPlatform(t)
  const { call } = platform
  await platform.caller('jim@example.com', { password: 'correct horse' })
  const authorization = basic('Jim@example.com:correct horse')
  const body = { description: 'Heroku CLI login from laptop', expires_in: 2592000, scope: ['global'] }
  const made = await call('POST', '/oauth/authorizations', { headers: { authorization }, body })
  assert.equal(made.status, 201)
  assert.equal(made.body.user.email, 'jim@example.com')
  assert.equal(made.body.access_token.expires_in, 2592000)
  const bearer = { authorization: `Bearer ${made.body.access_token.token}` }
  assert.equal((await call('GET', '/account', { headers: bearer })).body.email, 'jim@example.com')

  assert.equal((await call('GET', '/account', { headers: { authorization } })).status, 401)
  for (const wrong of ['jim@example.com:wrong password', 'nobody@example.com:correct horse']) {
    const refused = await call('POST', '/oauth/authorizations', {
      headers: { authorization: basic(wrong) },
      body,
    })
    assert.deepEqual(
      [refused.status, refused.body],
      [401, { id: 'unauthorized', message: 'Invalid credentials provided.' }],
    )
  }
})

test('guessing a password is slowed down', async t => {
  const { call } = await startPlatform(t)
  const headers = { authorization: basic('jim@example.com:guess') }
  const statuses: number[] = []
  for (let guess = 0; guess < 11; guess++)
    statuses.push((await call('POST', '/oauth/authorizations', { headers, body: {} })).status)
  assert.deepEqual(new Set(statuses.slice(0, 10)), new Set([401]))
  assert.equal(statuses[10], 429)
})

test('tokens are listed without their values, revoked, and end', async t => {
  const platform = await startPlatform(t)
  const { owner, clock, call } = platform
  const { body: made } = await owner.call('POST', '/oauth/authorizations', { body: { expires_in: 60 } })
  const other = { headers: { authorization: `Bearer ${made.access_token.token}` } }
  const listed = (await call('GET', '/oauth/authorizations', other)).body
  assert.deepEqual(
    listed.map((entry: { access_token: { token: string } }) => entry.access_token.token).sort(),
    [made.access_token.token, null].sort(),
  )
  assert.equal((await call('GET', '/oauth/authorizations/~', other)).body.id, made.id)
  assert.equal((await call('GET', '/oauth/authorizations/~', other)).body.access_token.token, null)

  clock.now += minutes(1)
  assert.equal((await call('GET', '/account', other)).status, 401)

  const { body: second } = await owner.call('POST', '/oauth/authorizations', { body: {} })
  const revoked = { headers: { authorization: `Bearer ${second.access_token.token}` } }
  assert.equal((await owner.call('DELETE', `/oauth/authorizations/${second.id}`)).status, 200)
  assert.equal((await call('GET', '/account', revoked)).status, 401)
  const gone = await owner.call('DELETE', `/oauth/authorizations/${second.id}`)
  assert.deepEqual([gone.status, gone.body.resource], [404, 'authorization'])
  const session = await owner.call('DELETE', '/oauth/sessions/~')
  assert.deepEqual([session.status, session.body.id, session.body.resource], [404, 'not_found', 'session'])
})

test("one account's token cannot be revoked by another", async t => {
  const platform = await startPlatform(t)
  const jim = await platform.caller('jim@example.com')
  const [token] = (await jim.call('GET', '/oauth/authorizations')).body
  assert.equal((await platform.owner.call('DELETE', `/oauth/authorizations/${token.id}`)).status, 404)
  assert.equal((await jim.call('GET', '/account')).status, 200)
})

test('a disabled account is locked out at once, and let in again with a new token', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const jim = await platform.caller('jim@example.com', { password: 'correct horse' })
  const disabled = await owner.call('POST', '/accounts/jim@example.com/actions/disable')
  assert.notEqual(disabled.body.disabled_at, null)
  assert.equal((await jim.call('GET', '/account')).status, 401)
  const headers = { authorization: basic('jim@example.com:correct horse') }
  assert.equal((await platform.call('POST', '/oauth/authorizations', { headers, body: {} })).status, 401)
  await owner.call('POST', `/accounts/${jim.account.id}/actions/enable`)
  assert.equal((await platform.call('POST', '/oauth/authorizations', { headers, body: {} })).status, 201)
})

test('only the owner of the platform manages accounts', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const jim = await platform.caller('jim@example.com')
  for (const [method, path] of [
    ['GET', '/accounts'],
    ['POST', '/accounts'],
    ['POST', '/accounts/owner@example.com/actions/disable'],
    ['PUT', '/accounts/owner@example.com/password'],
    ['GET', '/archived-apps'],
  ] as const) {
    const body = { email: 'x@example.com', password: 'long enough' }
    const refused = await jim.call(method, path, method === 'GET' ? {} : { body })
    assert.deepEqual([refused.status, refused.body.id], [403, 'forbidden'], path)
  }
  const made = await owner.call('POST', '/accounts', { body: { email: 'ci@example.com' } })
  assert.equal(made.status, 201)
  const bearer = { authorization: `Bearer ${made.body.token}` }
  assert.equal((await platform.call('GET', '/account', { headers: bearer })).body.email, 'ci@example.com')
  const twice = await owner.call('POST', '/accounts', { body: { email: 'CI@example.com' } })
  assert.deepEqual([twice.status, twice.body.id], [422, 'invalid_params'])
  assert.equal((await owner.call('POST', '/accounts', { body: { email: 'nobody' } })).status, 422)
  assert.equal(
    (await owner.call('PUT', '/accounts/ci@example.com/password', { body: { password: 'short' } })).status,
    422,
  )
  assert.equal((await owner.call('POST', '/accounts/nobody@example.com/actions/disable')).status, 404)
  assert.equal((await owner.call('POST', '/accounts/owner@example.com/actions/disable')).status, 403)
})

test('changing the password needs the one of now, and revokes every token', async t => {
  const platform = await startPlatform(t)
  const jim = await platform.caller('jim@example.com', { password: 'correct horse' })
  assert.equal((await jim.call('PATCH', '/account', { body: { name: 'Jim' } })).body.name, 'Jim')
  assert.equal(
    (await jim.call('PATCH', '/account', { body: { new_password: 'battery staple' } })).status,
    422,
  )
  const wrong = await jim.call('PATCH', '/account', {
    body: { password: 'wrong', new_password: 'battery staple' },
  })
  assert.equal(wrong.status, 422)
  const body = { password: 'correct horse', new_password: 'battery staple' }
  assert.equal((await jim.call('PATCH', '/account', { body })).status, 200)
  assert.equal((await jim.call('GET', '/account')).status, 401)
})

test('a collaborator may see, deploy and operate, but not share, rename or destroy', async t => {
  const platform = await startPlatform(t)
  const jim = await platform.caller('jim@example.com')
  const joe = await platform.caller('joe@example.com')
  await jim.call('POST', '/apps', { body: { name: 'sushi' } })
  assert.equal(
    (await jim.call('POST', '/apps/sushi/collaborators', { body: { user: 'joe@example.com' } })).status,
    201,
  )
  assert.equal(
    (await jim.call('POST', '/apps/sushi/collaborators', { body: { user: { email: 'joe@example.com' } } }))
      .status,
    201,
  )
  const unknown = await jim.call('POST', '/apps/sushi/collaborators', {
    body: { user: 'nobody@example.com' },
  })
  assert.deepEqual([unknown.status, unknown.body.id], [422, 'invalid_params'])

  const list = await joe.call('GET', '/apps/sushi/collaborators')
  assert.deepEqual(
    list.body.map((entry: { role: string; user: { email: string } }) => [entry.role, entry.user.email]),
    [
      ['owner', 'jim@example.com'],
      ['collaborator', 'joe@example.com'],
    ],
  )
  assert.equal((await joe.call('PATCH', '/apps/sushi/config-vars', { body: { A: '1' } })).status, 200)
  assert.equal((await joe.call('PATCH', '/apps/sushi', { body: { maintenance: true } })).status, 200)
  for (const [method, path, body] of [
    ['DELETE', '/apps/sushi', undefined],
    ['PATCH', '/apps/sushi', { name: 'ramen' }],
    ['POST', '/apps/sushi/collaborators', { user: 'owner@example.com' }],
    ['DELETE', '/apps/sushi/collaborators/jim@example.com', undefined],
  ] as const) {
    const refused = await joe.call(method, path, { body })
    assert.deepEqual(
      [refused.status, refused.body.id, refused.body.app],
      [403, 'forbidden', { name: 'sushi' }],
      `${method} ${path}`,
    )
    assert.match(refused.body.message, /only its owner/)
  }
  assert.equal((await joe.call('DELETE', '/apps/sushi/collaborators/joe@example.com')).status, 200)
  assert.equal((await joe.call('GET', '/apps/sushi')).status, 404)
  const gone = await jim.call('DELETE', '/apps/sushi/collaborators/joe@example.com')
  assert.deepEqual([gone.status, gone.body.resource], [404, 'collaborator'])
})
