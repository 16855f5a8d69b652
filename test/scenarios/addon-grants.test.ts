import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { changes, create, register } from '../support/addons.ts'
import { call, TestApp } from '../support/app.ts'
import { startPartner, type TestPartner } from '../support/partner.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'

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

test('a provider cannot give what it did not declare, nor act on the add-on of somebody else', async () => {
  const app = await TestApp.create(platform, 'fenced')
  const [mine, other] = [await create(app, 'partner-store:test'), await create(app, 'partner-store:test')]
  const act = (action: string, order = {}) =>
    partner.control<{ status: number; body: { message: string } }>(action, { uuid: mine.id, ...order })
  await act('exchange')
  const used = await act('exchange')
  assert.equal(used.status, 400, 'a code is good once')
  const before = await changes(app)
  const foreign = await act('update', { config: [{ name: 'DATABASE_URL', value: 'postgres://elsewhere' }] })
  assert.equal(foreign.status, 422)
  assert.match(foreign.body.message, /gave the config var DATABASE_URL, which its manifest does not declare/)

  const { resources } = await partner.control<{
    resources: { uuid: string; tokens: { access_token: string } }[]
  }>('list')
  const token = resources.find(({ uuid }) => uuid === mine.id)?.tokens.access_token
  await partner.control('token', { uuid: other.id, access_token: token })
  for (const action of ['info', 'config', 'update', 'provisioned', 'deprovisioned']) {
    const { status } = await partner.control(action, { uuid: other.id })
    assert.equal(status, 404, action)
  }
  for (const path of ['/apps', `/apps/${app.name}`, '/account', `/apps/${app.name}/config-vars`]) {
    assert.equal((await call(platform, { path, ...(token && { token }) })).status, 401, path)
  }
  assert.deepEqual(await changes(app), before)

  assert.equal((await app.call('DELETE', `/addons/${mine.name}`, {})).body.state, 'deprovisioned')
  assert.equal((await act('info')).status, 401, 'its token ends with it')
})

test('a token that has expired is worth nothing, and another one is to be had for it', async () => {
  const app = await TestApp.create(platform, 'expires')
  const { id: uuid } = await create(app, 'partner-store:test')
  await partner.control('exchange', { uuid })
  assert.equal((await partner.control('info', { uuid })).status, 200)
  // Nobody waits eight hours here.
  const ledger = new DatabaseSync(join(platform.dataDir, 'ledger.db'))
  ledger.exec("update addon_grants set expires_at = 1 where kind = 'access'")
  ledger.close()
  assert.equal((await partner.control('info', { uuid })).status, 401)
  assert.equal((await partner.control('refresh', { uuid })).status, 200)
  assert.equal((await partner.control('info', { uuid })).status, 200)
})

test('a visit from its page, or with what the API answers, is let in', async () => {
  const app = await TestApp.create(platform, 'visited')
  const { name, web_url } = await create(app, 'partner-store:test')
  const enter = async (action: string, params: Record<string, string>) => {
    const body = new URLSearchParams(params)
    return (await fetch(action, { method: 'POST', body, redirect: 'manual' })).status
  }
  const { body: link } = await app.call('GET', `/addons/${name}/sso`)
  assert.equal(await enter(link.action, link.params), 302)
  assert.equal(await enter(link.action, { ...link.params, resource_token: '0'.repeat(40) }), 403)

  const page = await (await fetch(web_url)).text()
  const fields = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, key, value]) => [key, value])
  assert.equal(await enter(/action="([^"]+)"/.exec(page)?.[1] ?? '', Object.fromEntries(fields)), 302)
  assert.equal((await fetch(web_url.replace('owner%40', 'other%40'))).status, 404)
})
