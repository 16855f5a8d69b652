import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, changes, configOf, create, goes, heldBy, register, turns } from '../support/addons.ts'
import { TestApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
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

/** Kills the control plane once the partner has done what it was asked for, while its answer is on its way. */
async function crashIn(work: () => Promise<unknown>, method: string): Promise<void> {
  const count = async () => (await partner.requests()).filter(each => each.method === method).length
  const before = await count()
  await partner.control('trouble', { answers: [{ loses: true }] })
  const cut = work().catch(() => 'cut off')
  await eventually(`a ${method}`, async () => (await count()) > before || undefined)
  await platform.crash()
  assert.equal(await cut, 'cut off')
  await platform.restart()
}

test('killed while an add-on is made, the platform goes on with the same one', async () => {
  const app = await TestApp.create(platform, 'made')
  await crashIn(() => ask(app, 'partner-store:test', { name: 'once' }), 'POST')
  const made = await turns(app, { name: 'once' }, 'provisioned')
  assert.deepEqual(
    (await changes(app)).map(line => line.split(' ')[0]),
    ['Attach', '@ref:once'],
  )
  assert.equal((await configOf(app)).PARTNER_STORE_PLAN, 'test')
  const { resources } = await partner.control<{ resources: { name: string }[] }>('list')
  assert.deepEqual(
    resources.filter(({ name }) => name === 'once').map(({ name }) => name),
    ['once'],
  )
  assert.equal((await partner.control('exchange', { uuid: made.id })).status, 200, 'with a code that holds')
})

test('killed while one that takes longer is made, it waits for the word of its provider', async () => {
  const app = await TestApp.create(platform, 'awaited')
  await crashIn(() => ask(app, 'partner-store:async', { name: 'word' }), 'POST')
  const made = await eventually('it is accepted', async () => {
    const { body } = await app.call('GET', '/addons/word')
    return body.provider_id === null ? undefined : body
  })
  await platform.crash()
  await platform.restart()
  assert.equal((await partner.control('finish', { uuid: made.id })).status, 200)
  await turns(app, { name: 'word' }, 'provisioned')
  assert.equal((await changes(app)).length, 2)
})

test('killed while an add-on is destroyed, or its plan changed, the platform finishes', async () => {
  const app = await TestApp.create(platform, 'unmade')
  const made = await create(app, 'partner-store:test', { name: 'gone' })
  await crashIn(() => app.call('PATCH', '/addons/gone', { plan: 'partner-store:large' }), 'PUT')
  await eventually('its plan', async () => {
    const { body } = await app.call('GET', '/addons/gone')
    return body.plan.name === 'partner-store:large' || undefined
  })
  await crashIn(() => app.call('DELETE', '/addons/gone', {}), 'DELETE')
  await goes(app, made)
  assert.equal((await heldBy(partner, made))?.isGone, true)
  assert.deepEqual(
    (await changes(app)).map(line => line.split(' ')[0]),
    ['Attach', '@ref:gone', 'Change', 'Detach'],
  )
  assert.deepEqual(await configOf(app), {})
})
