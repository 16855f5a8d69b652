import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, changes, configOf, create, names, register } from '../support/addons.ts'
import { type Answer, call, TestApp } from '../support/app.ts'
import { startPartner, type TestPartner } from '../support/partner.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'

let platform: TestPlatform
let partner: TestPartner

before(async () => {
  platform = await startPlatform()
  partner = await startPartner()
  await register(platform, partner)
})

after(async () => {
  await platform?.[Symbol.asyncDispose]()
  await partner?.[Symbol.asyncDispose]()
})

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>

/** Somebody with an account: their way of asking. */
async function arrives(name: string): Promise<{ email: string; token: string; asks: Ask }> {
  const email = `${name}@example.com`
  const { token } = (await call(platform, { method: 'POST', path: '/accounts', body: { email } })).body
  return {
    email,
    token,
    asks: (method, path, body) =>
      call(platform, { method, path, token, ...(body !== undefined && { body }) }),
  }
}

function attach(asks: Ask, addon: string, app: string, more: Record<string, string> = {}): Promise<Answer> {
  return asks('POST', '/addon-attachments', { addon, app, ...more })
}

const asOwner: Ask = (method, path, body) =>
  call(platform, { method, path, ...(body !== undefined && { body }) })

test('who works on neither app sees nothing of an add-on, and can do nothing with it', async () => {
  const app = await TestApp.create(platform, 'hidden')
  const { id, name } = await create(app, 'partner-store:test', { name: 'secret-larder' })
  const [attachment] = (await app.call('GET', '/addon-attachments')).body
  const { asks, token } = await arrives('stranger')
  const own = await TestApp.create(platform, 'of-stranger', token)

  const both: [string, (addon: string) => string, unknown?][] = [
    ['GET', addon => `/addons/${addon}`],
    ['GET', addon => `/addons/${addon}/addon-attachments`],
    ['GET', addon => `/apps/${own.name}/addons/${addon}`],
    ['GET', addon => `/apps/${own.name}/addons/${addon}/sso`],
    ['PATCH', addon => `/apps/${own.name}/addons/${addon}`, { name: 'mine' }],
    ['DELETE', addon => `/apps/${own.name}/addons/${addon}`, {}],
    ['POST', addon => `/apps/${own.name}/addons/${addon}/actions/rotate`, {}],
  ]
  for (const [method, path, body] of both) {
    const absent = await asks(method, path('no-such-larder'), body)
    assert.equal(absent.status, 404)
    for (const identity of [name, id, `hidden::${name}`, 'hidden::PARTNER_STORE'])
      assert.deepEqual(await asks(method, path(identity), body), absent, `${method} ${path(identity)}`)
  }
  const resolve = (addon: string) => asks('POST', '/actions/addons/resolve', { addon })
  assert.deepEqual(await resolve(name), await resolve('no-such-larder'))
  assert.deepEqual(await attach(asks, name, own.name), await attach(asks, 'no-such-larder', own.name))
  const detach = (identity: string) => asks('DELETE', `/addon-attachments/${identity}`)
  assert.deepEqual(await detach(attachment.id), await detach('00000000-0000-4000-8000-000000000000'))
  for (const path of ['/addons', '/addon-attachments', '/addon-backups'])
    assert.deepEqual((await asks('GET', path)).body, [], path)
  assert.equal((await asks('GET', `/apps/${app.name}/addons`)).status, 404)
  assert.equal((await asks('POST', `/apps/${app.name}/addons`, { plan: 'partner-store' })).status, 404)
  for (const [method, path] of [
    ['POST', '/addon-services'],
    ['DELETE', '/addon-services/partner-store'],
    ['GET', '/addon-orphans'],
  ] as const)
    assert.equal(
      (await asks(method, path, method === 'GET' ? undefined : partner.manifest)).status,
      403,
      path,
    )
  assert.equal((await changes(app)).length, 2)
})

test('a collaborator creates, attaches, detaches and destroys', async () => {
  const app = await TestApp.create(platform, 'together')
  const { asks, email, token } = await arrives('joe')
  await app.call('POST', '/collaborators', { user: email })
  const made = await asks('POST', `/apps/${app.name}/addons`, { plan: 'partner-store', name: 'of-joe' })
  assert.equal(made.status, 201)
  const own = await TestApp.create(platform, 'of-joe-alone', token)
  assert.equal((await attach(asks, 'of-joe', own.name, { name: 'LOAN' })).status, 201)
  const second = await attach(asks, 'of-joe', app.name, { name: 'AGAIN' })
  assert.equal((await asks('DELETE', `/addon-attachments/${second.body.id}`)).status, 200)
  const grown = await asks('PATCH', `/apps/${app.name}/addons/of-joe`, { plan: 'partner-store:large' })
  assert.equal(grown.status, 200)
  await app.call('PATCH', '/addons/of-joe', { plan: 'partner-store:test' })
  const refused = await asks('DELETE', `/apps/${app.name}/addons/of-joe`, {})
  assert.equal(refused.status, 422)
  assert.match(refused.body.message, /of-joe-alone/)
  const gone = await asks('DELETE', `/apps/${app.name}/addons/of-joe`, { force: true })
  assert.equal(gone.body.state, 'deprovisioned')
  assert.deepEqual(await changes(app), [
    `Attach PARTNER_STORE (@ref:of-joe) by ${email}`,
    `@ref:of-joe completed provisioning, setting PARTNER_STORE_PLAN, PARTNER_STORE_URL. by ${email}`,
    `Attach AGAIN (@ref:of-joe) by ${email}`,
    `Detach AGAIN (@ref:of-joe) by ${email}`,
    `Change plan of of-joe to partner-store:large by ${email}`,
    'Change plan of of-joe to partner-store:test by owner@localhost',
    `Detach PARTNER_STORE (@ref:of-joe) by ${email}`,
  ])
})

test('whoever works on one of the apps alone sees a shared add-on there, and cannot change it', async () => {
  const app = await TestApp.create(platform, 'lender')
  const { name } = await create(app, 'partner-store:test', { name: 'shared' })
  const { asks, email, token } = await arrives('ann')
  const guest = await TestApp.create(platform, 'borrower', token)
  assert.equal((await attach(asks, name, guest.name)).status, 404, 'ann does not see it')
  const attached = await attach(asOwner, name, guest.name, { name: 'LOAN' })
  assert.equal(attached.status, 201)

  const seen = await asks('GET', `/apps/${guest.name}/addons`)
  assert.deepEqual(names(seen.body), [name])
  assert.equal((await asks('GET', `/addons/${name}`)).status, 200)
  assert.deepEqual(
    (await asks('GET', `/addons/${name}/addon-attachments`)).body.map(
      (each: { app: { name: string } }) => each.app.name,
    ),
    [guest.name],
    'where else it is attached is not hers to see',
  )
  assert.equal((await asks('DELETE', `/apps/${guest.name}/addons/${name}`, {})).status, 403)
  assert.equal((await asks('PATCH', `/apps/${guest.name}/addons/${name}`, { name: 'mine' })).status, 403)
  const own = await TestApp.create(platform, 'other-of-ann', token)
  assert.equal((await attach(asks, name, own.name)).status, 403)
  assert.equal((await asks('DELETE', `/addon-attachments/${attached.body.id}`)).status, 200)
  assert.deepEqual(await configOf(guest), {})
  assert.equal((await asks('GET', `/addons/${name}`)).status, 404, 'nor any more')
  assert.equal((await changes(guest)).at(-1), `Detach LOAN (@ref:shared) by ${email}`)
})

test('the last attachment on the app an add-on belongs to stays', async () => {
  const app = await TestApp.create(platform, 'billed')
  const { name } = await create(app, 'partner-store:test')
  const [{ id }] = (await app.call('GET', '/addon-attachments')).body
  const refused = await asOwner('DELETE', `/addon-attachments/${id}`)
  assert.equal(refused.status, 422)
  assert.match(refused.body.message, /^Cannot destroy last attachment to billing app: /)
  assert.equal((await attach(asOwner, name, app.name, { name: 'SPARE' })).status, 201)
  assert.equal((await asOwner('DELETE', `/addon-attachments/${id}`)).status, 200)
  assert.deepEqual(Object.keys(await configOf(app)).sort(), ['SPARE_PLAN', 'SPARE_URL'])
})

test('of two add-ons or attachments of one name, asked for at once, exactly one is made', async () => {
  const app = await TestApp.create(platform, 'twins')
  const statuses = async (asked: Promise<Answer>[]) =>
    (await Promise.all(asked)).map(({ status }) => status).sort()
  const named = { name: 'twin' }
  const twins = [ask(app, 'partner-store:test', named), ask(app, 'partner-store:test', named)]
  assert.deepEqual(await statuses(twins), [201, 422])
  const taken = await ask(app, 'partner-store:test', named)
  assert.equal(taken.body.message, 'Add-on name twin is already taken. Choose another one, or leave it out.')
  const links = ['partner-store:test', 'partner-store:large'].map(plan =>
    ask(app, plan, { attachment: { name: 'LINK' } }),
  )
  const answers = await Promise.all(links)
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  assert.ok(
    ['conflict', 'confirmation_required'].includes(answers.find(({ status }) => status !== 201)?.body.id),
  )
  const { body } = await app.call('GET', '/addons')
  assert.equal(body.length, 2)
})

test('a service or plan that is not there is refused in a sentence that names those that are', async () => {
  const app = await TestApp.create(platform, 'wishes')
  const service = await ask(app, 'no-such:plan')
  assert.equal(service.status, 422)
  assert.equal(
    service.body.message,
    'Couldn\'t find either the add-on service or the add-on plan of "no-such:plan". The services here are: postgresql, redis, partner-store.',
  )
  const plan = await ask(app, 'redis:huge')
  assert.equal(
    plan.body.message,
    'Couldn\'t find either the add-on service or the add-on plan of "redis:huge". The plans of redis are: mini, premium-0, premium-1, premium-2.',
  )
  assert.deepEqual(await changes(app), [])
})

test('an attachment or a config var that is there is replaced only where that is confirmed', async () => {
  const app = await TestApp.create(platform, 'careful')
  await app.setConfig({ STORE_URL: 'by-hand' })
  const attachment = { name: 'STORE' }
  const asked = await ask(app, 'partner-store:test', { attachment, name: 'first' })
  assert.deepEqual([asked.status, asked.body.id], [423, 'confirmation_required'])
  assert.match(asked.body.message, /STORE_URL/)
  await create(app, 'partner-store:test', { attachment, name: 'first', confirm: app.name })
  const second = await create(app, 'partner-store:test', { name: 'second' })
  const again = await attach(asOwner, second.name, app.name, attachment)
  assert.deepEqual([again.status, again.body.id], [423, 'confirmation_required'])
  assert.match(again.body.message, /STORE is the attachment of first/)
  const before = await configOf(app)
  const confirmed = { ...attachment, confirm: app.name }
  assert.equal((await attach(asOwner, second.name, app.name, confirmed)).status, 201)
  const config = await configOf(app)
  assert.notEqual(config.STORE_URL, before.STORE_URL)
  assert.equal(config.STORE_URL, config.PARTNER_STORE_URL)
})

test('config vars of an attachment are not for people to set', async () => {
  const app = await TestApp.create(platform, 'owned')
  await create(app, 'redis:mini')
  const { REDIS_URL: url } = await configOf(app)
  assert.match(url ?? '', /^rediss?:\/\//)
  for (const patch of [{ REDIS_URL: 'mine' }, { REDIS_URL: null }, { FREE: '1', REDIS_URL: 'mine' }]) {
    const refused = await app.setConfig(patch)
    assert.equal(refused.status, 422)
    assert.match(refused.body.message, /^Cannot overwrite attachment values REDIS_URL\./)
  }
  assert.deepEqual(await configOf(app), { REDIS_URL: url })
})
