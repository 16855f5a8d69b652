import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, TestApp } from '../support/app.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({
    environment: { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2' },
  })
})

after(() => platform?.[Symbol.asyncDispose]())

/** Makes an account; answers its token. */
async function account(email: string): Promise<string> {
  const made = await call(platform, { method: 'POST', path: '/accounts', body: { email } })
  assert.equal(made.status, 201)
  return made.body.token
}

test('people deploy their own apps, and those they were let in to', async () => {
  const jim = await account('jim@example.com')
  const joe = await account('joe@example.com')
  const app = await TestApp.create(platform, 'of-jim', jim)
  await using repository = await TestRepository.of('moody')
  const pushAs = (token: string) => repository.git('push', repository.url(platform, app.name, token), '+main')

  const stranger = await pushAs(joe)
  assert.equal(stranger.status, 128)
  assert.match(stranger.stderr, /repository '.*\/of-jim\.git\/' not found/)
  const absent = await repository.git('push', repository.url(platform, 'no-such-app', joe), 'main')
  assert.match(absent.stderr, /repository '.*\/no-such-app\.git\/' not found/)
  assert.equal((await call(platform, { path: `/apps/${app.name}`, token: joe })).status, 404)

  const asJim = (method: string, path: string, body?: unknown) =>
    call(platform, {
      method,
      path: `/apps/${app.name}${path}`,
      token: jim,
      ...(body !== undefined && { body }),
    })
  assert.equal((await asJim('POST', '/collaborators', { user: 'joe@example.com' })).status, 201)
  const let_in = await pushAs(joe)
  assert.equal(let_in.status, 0, let_in.stderr)
  await repository.commit('Of Jim')
  assert.equal((await pushAs(jim)).status, 0)
  const { body } = await asJim('GET', '/releases')
  const who = new Map(
    body.map((release: { version: number; user: { email: string } }) => [
      release.version,
      release.user.email,
    ]),
  )
  assert.deepEqual(
    [who.get(1), who.get(2), who.get(3)],
    ['jim@example.com', 'joe@example.com', 'jim@example.com'],
  )
  assert.equal(
    (await call(platform, { method: 'DELETE', path: `/apps/${app.name}`, token: joe })).status,
    403,
  )

  assert.equal((await asJim('DELETE', '/collaborators/joe@example.com')).status, 200)
  await repository.commit('Of nobody')
  assert.equal((await pushAs(joe)).status, 128)
})

test('a push without a token, with a wrong one, or of a disabled account is refused', async () => {
  const ann = await account('ann@example.com')
  const app = await TestApp.create(platform, 'of-ann', ann)
  await using repository = await TestRepository.of('moody')
  const bare = new URL(repository.url(platform, app.name))
  bare.username = bare.password = ''
  const without = await repository.git('push', bare.href, 'main')
  assert.equal(without.status, 128)
  assert.match(without.stderr, /could not read Username|Authentication failed/)
  const answer = await fetch(`${bare.href}/info/refs?service=git-receive-pack`)
  assert.equal(answer.status, 401)
  assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="Tidemark", charset="UTF-8"')
  const wrong = await repository.git('push', repository.url(platform, app.name, 'wrong'), 'main')
  assert.match(wrong.stderr, /Authentication failed/)
  assert.equal(
    (await call(platform, { method: 'POST', path: '/accounts/ann@example.com/actions/disable' })).status,
    200,
  )
  const disabled = await repository.git('push', repository.url(platform, app.name, ann), 'main')
  assert.match(disabled.stderr, /Authentication failed/)
  assert.equal((await app.releases()).length, 1)
})
