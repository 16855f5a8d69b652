import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { changes, configOf, create, goes, heldBy, register, turns } from '../support/addons.ts'
import { call, TestApp } from '../support/app.ts'
import { startPartner, type TestPartner } from '../support/partner.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

const OWNER = 'owner@localhost'
const PARTNER = 'partner-store@addons.tidemark'

let platform: TestPlatform
let partner: TestPartner

before(async () => {
  platform = await startPlatform({ environment: { TIDEMARK_SHUTDOWN_GRACE: '2' } })
  partner = await startPartner()
  await register(platform, partner)
})

after(async () => {
  await platform?.[Symbol.asyncDispose]()
  await partner?.[Symbol.asyncDispose]()
})

/** Opens what an app was given, as the app would. */
async function opens(url: string | undefined): Promise<boolean> {
  const { href, username, password } = new URL(`${url}/greeting`)
  const bare = href.replace(`${username}:${password}@`, '')
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const answer = await fetch(bare, { method: 'PUT', headers: { authorization }, body: 'hello' })
  await answer.arrayBuffer()
  return answer.ok
}

test('an add-on that is there at once comes with two releases, under the name of its attachment', async () => {
  const app = await TestApp.create(platform, 'at-once')
  const made = await create(app, 'partner-store:test', {
    name: 'larder',
    attachment: { name: 'STORE' },
    config: { colour: 'red' },
  })
  assert.equal(made.state, 'provisioned')
  assert.equal(made.provision_message, 'Have fun with test.')
  assert.deepEqual(made.config_vars, ['STORE_PLAN', 'STORE_URL'])
  assert.deepEqual(await changes(app), [
    `Attach STORE (@ref:larder) by ${OWNER}`,
    `@ref:larder completed provisioning, setting STORE_PLAN, STORE_URL. by ${OWNER}`,
  ])
  const config = await configOf(app)
  assert.equal(config.STORE_PLAN, 'test')
  assert.ok(await opens(config.STORE_URL))
  assert.partialDeepStrictEqual(await heldBy(partner, made), {
    ...{ name: 'larder', plan: 'test', options: { colour: 'red' } },
    region: 'amazon-web-services::us-east-1',
  })
})

test('one that takes longer is attached first, and finished by its provider', async () => {
  const app = await TestApp.create(platform, 'later')
  const { id: uuid, ...made } = await create(app, 'partner-store:async', { name: 'slow-larder' })
  assert.deepEqual([made.state, made.provision_message], ['provisioning', 'It takes a while.'])
  assert.deepEqual(await changes(app), [`Attach PARTNER_STORE (@ref:slow-larder) by ${OWNER}`])
  assert.deepEqual(await configOf(app), {})

  for (const step of ['exchange', 'refresh', 'info']) {
    assert.equal((await partner.control(step, { uuid })).status, 200, step)
  }
  const early = await partner.control<{ status: number; body: { message: string } }>('provisioned', { uuid })
  assert.equal(early.status, 409)
  assert.match(early.body.message, /lacks config vars .*PARTNER_STORE_URL, PARTNER_STORE_PLAN/)
  assert.equal((await partner.control('finish', { uuid })).status, 200)

  assert.equal((await turns(app, made, 'provisioned')).reason, null)
  assert.deepEqual(await changes(app), [
    `Attach PARTNER_STORE (@ref:slow-larder) by ${OWNER}`,
    `@ref:slow-larder completed provisioning, setting PARTNER_STORE_PLAN, PARTNER_STORE_URL. by ${PARTNER}`,
  ])
  assert.ok(await opens((await configOf(app)).PARTNER_STORE_URL))
  assert.equal((await partner.control('provisioned', { uuid })).status, 200, 'said twice')
  assert.equal((await changes(app)).length, 2)
})

test('other config vars from the provider are one release of every app it is attached to, without its release command', async () => {
  const app = await TestApp.create(platform, 'renewed')
  await using repository = await TestRepository.of('release-phase')
  const pushed = await repository.push(platform, app.name)
  assert.equal(pushed.status, 0, pushed.stderr)
  const { id: uuid, name } = await create(app, 'partner-store:test')
  await app.becomes(4, 'succeeded')
  const guest = await TestApp.create(platform, 'renewed-guest')
  const body = { addon: name, app: guest.name, name: 'LOAN' }
  const attached = await call(platform, { method: 'POST', path: '/addon-attachments', body })
  assert.equal(attached.status, 201)
  const { PARTNER_STORE_URL: old } = await configOf(app)

  await partner.control('exchange', { uuid })
  assert.equal((await partner.control('renew', { uuid })).status, 200)
  await Promise.all([app.becomes(5, 'succeeded'), guest.becomes(3, 'succeeded')])
  assert.equal((await partner.control('update', { uuid })).status, 200, 'the same again')
  assert.equal((await changes(app)).at(-1), `Update PARTNER_STORE by partner-store by ${PARTNER}`)
  assert.deepEqual(await changes(guest), [
    `Attach LOAN (@ref:${name}) by ${OWNER}`,
    `Update LOAN by partner-store by ${PARTNER}`,
  ])
  const { PARTNER_STORE_URL: fresh } = await configOf(app)
  assert.notEqual(fresh, old)
  assert.equal((await configOf(guest)).LOAN_URL, fresh)
  assert.deepEqual([await opens(fresh), await opens(old)], [true, false])

  const ran = (await app.log()).filter(line => /^app\[release\.\d+]: migrating /.test(line))
  assert.deepEqual(
    ran.map(line => line.split(' ').at(-1)),
    ['v2', 'v4'],
  )
  assert.equal(JSON.parse((await app.visit()).text).release, 'v5')
})

test('a plan is changed, and the old one stays where the provider says no', async () => {
  const app = await TestApp.create(platform, 'grows')
  const { name } = await create(app, 'partner-store:test', { name: 'growing' })
  const grown = await app.call('PATCH', `/addons/${name}`, { plan: 'partner-store:large' })
  assert.deepEqual(
    [grown.body.plan.name, grown.body.provision_message],
    ['partner-store:large', 'Now on large.'],
  )
  assert.equal((await changes(app)).at(-1), `Change plan of growing to partner-store:large by ${OWNER}`)
  assert.equal((await configOf(app)).PARTNER_STORE_PLAN, 'large')
  const refused = await app.call('PATCH', `/addons/${name}`, { plan: 'partner-store:refused' })
  assert.equal(refused.status, 422)
  assert.equal(refused.body.message, 'partner-store says: There is no room left for you.')
  assert.equal((await app.call('GET', `/addons/${name}`)).body.plan.name, 'partner-store:large')
  assert.equal((await changes(app)).length, 3)
})

test('a renamed add-on goes by its new name from then on', async () => {
  const app = await TestApp.create(platform, 'renames')
  const guest = await TestApp.create(platform, 'renames-guest')
  await create(app, 'partner-store:test', { name: 'before' })
  const attach = (to: TestApp, name: string) =>
    call(platform, {
      method: 'POST',
      path: '/addon-attachments',
      body: { addon: 'before', app: to.name, name },
    })
  const [loan, spare] = [await attach(guest, 'LOAN'), await attach(app, 'SPARE')]
  assert.deepEqual([loan.status, spare.status], [201, 201])
  assert.equal((await app.call('PATCH', '/addons/before', { name: 'after' })).body.name, 'after')
  assert.equal((await changes(app)).length, 3, 'a name is no release')

  const taken = await app.setConfig({ SPARE_URL: 'mine' })
  assert.equal(
    taken.body.message,
    'Cannot overwrite attachment values SPARE_URL. They belong to the add-on after; to be free of them, detach it: tidemark addons:detach SPARE',
  )
  await call(platform, { method: 'DELETE', path: `/addon-attachments/${spare.body.id}` })
  const last = await app.setConfig({ PARTNER_STORE_URL: 'mine' })
  assert.match(
    last.body.message,
    /belong to the add-on after; to be free of them, destroy it: tidemark addons:destroy after$/,
  )
  await app.call('DELETE', '/addons/after', { force: true })
  await guest.becomes(3, 'succeeded')
  assert.deepEqual((await changes(app)).slice(-2), [
    `Detach SPARE (@ref:after) by ${OWNER}`,
    `Detach PARTNER_STORE (@ref:after) by ${OWNER}`,
  ])
  assert.equal((await changes(guest)).at(-1), `Detach LOAN (@ref:after) by ${OWNER}`)
})

test('destroyed, it is gone at its provider: at once, or when that says so', async () => {
  const app = await TestApp.create(platform, 'clears')
  const quick = await create(app, 'partner-store:test', { name: 'quick' })
  const gone = await app.call('DELETE', `/addons/${quick.name}`, {})
  assert.equal(gone.body.state, 'deprovisioned')
  assert.equal((await changes(app)).at(-1), `Detach PARTNER_STORE (@ref:quick) by ${OWNER}`)
  assert.deepEqual(await configOf(app), {})
  assert.equal((await heldBy(partner, quick))?.isGone, true)

  const lingers = await create(app, 'partner-store:lingering', { name: 'lingers' })
  await partner.control('exchange', { uuid: lingers.id })
  const leaving = await app.call('DELETE', `/addons/${lingers.name}`, {})
  assert.equal(leaving.body.state, 'deprovisioning')
  assert.deepEqual(await configOf(app), {})
  assert.equal((await partner.control('deprovisioned', { uuid: lingers.id })).status, 200)
  await goes(app, lingers)

  const ended = await create(app, 'partner-store:test', { name: 'ended' })
  await partner.control('exchange', { uuid: ended.id })
  assert.equal((await partner.control('deprovisioned', { uuid: ended.id })).status, 200)
  await goes(app, ended)
  assert.equal((await changes(app)).at(-1), `Detach PARTNER_STORE (@ref:ended) by ${PARTNER}`)
})
