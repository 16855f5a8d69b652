import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { ProviderUnavailable, type Resource } from '../../src/addons/provider.ts'
import { eventually } from '../support/eventually.ts'
import { describeProvider, provisioned, resourceOf } from './addon-provider.ts'
import {
  CONFIG,
  EXPIRES_AT,
  json,
  meet,
  NOTHING,
  providerOf,
  REGION,
  refused,
  signal,
  world,
} from './addon-provider-http.ts'

describeProvider('HTTP provider', world)

describe('HTTP provider: what it says on the wire', () => {
  test('a provision request is as documented', async t => {
    const { partner, provider } = await world(t)
    const resource = resourceOf(provider)
    await provider.provision(resource, { options: { foo: 'bar', baz: true }, from: null }, signal())
    const [request] = await partner.requests()
    assert.ok(request)
    const { id, api } = partner.manifest
    assert.equal(`${request.method} ${request.path}`, 'POST /heroku/resources')
    assert.equal(request.headers.accept, 'application/vnd.heroku-addons+json; version=3')
    assert.equal(request.headers['content-type'], 'application/json')
    assert.equal(request.headers.authorization, `Basic ${btoa(`${id}:${api.password}`)}`)
    assert.deepEqual(JSON.parse(request.body), {
      callback_url: `https://api.example.com/addons/${resource.id}`,
      name: resource.name,
      oauth_grant: { code: `code-${resource.id}`, type: 'authorization_code', expires_at: EXPIRES_AT },
      options: { foo: 'bar', baz: 'true' },
      plan: 'test',
      region: REGION,
      uuid: resource.id,
    })
  })

  test('an id that is a number becomes a string, and names the resource from then on', async t => {
    const { partner, provider } = await world(t)
    const { resource } = await provisioned(provider)
    assert.match(resource.providerId ?? '', /^\d+$/)
    const change = await provider.changePlan({ ...resource, plan: 'large' }, signal())
    assert.equal(change.message, 'Now on large.')
    assert.equal(change.config?.PARTNER_STORE_PLAN, 'large')
    await provider.deprovision(resource, signal())
    const asked = (await partner.requests()).slice(1)
    assert.deepEqual(
      asked.map(({ method, path, body }) => [method, path, body]),
      [
        ['PUT', `/heroku/resources/${resource.providerId}`, '{"plan":"large"}'],
        ['DELETE', `/heroku/resources/${resource.providerId}`, ''],
      ],
    )
    assert.equal(asked[1]?.headers['content-type'], undefined)
  })

  test('the message of a provider reaches who asked, without what could move a cursor or repeat a secret', async t => {
    const { partner, provider } = await world(t)
    const said = `Hello\u001b[2J\n${partner.manifest.api.password} and ${partner.manifest.api.sso_salt}\u0000`
    await meet(partner, json({ id: 'a', config: CONFIG, message: said }))
    const made = await provider.provision(resourceOf(provider), NOTHING, signal())
    assert.equal(made.message, 'Hello [2J\n[sealed] and [sealed]')
    await meet(partner, json({ id: 'a', config: CONFIG, message: 'x'.repeat(5000) }))
    const long = await provider.provision(resourceOf(provider), NOTHING, signal())
    assert.equal(long.message?.length, 1000)
  })

  test('a visit has every token of the documentation, and the partner lets the visitor in', async t => {
    const { partner, provider } = await world(t)
    const { resource } = await provisioned(provider)
    const link = provider.sso?.(resource, { email: 'jim@example.com', app: 'sushi', id: 'user-1' })
    assert.ok(link)
    assert.equal(link.method, 'post')
    assert.equal(link.action, `${partner.url}/sso/login`)
    const { timestamp } = link.params
    const salted = `${partner.manifest.api.sso_salt}:${timestamp}`
    const { 'nav-data': navigation, ...params } = link.params
    assert.deepEqual(params, {
      app: 'sushi',
      context_app: 'sushi',
      email: 'jim@example.com',
      id: resource.providerId,
      resource_id: resource.id,
      resource_token: digest('sha1', `${resource.id}:${salted}`),
      timestamp,
      token: digest('sha1', `${resource.providerId}:${salted}`),
      user_id: 'user-1',
      user_scoped_resource_token: digest('sha256', `${resource.id}:${salted}:user-1:jim@example.com`),
    })
    assert.deepEqual(JSON.parse(Buffer.from(navigation ?? '', 'base64url').toString()), {
      addon: 'Partner Store',
      appname: 'sushi',
      addons: [{ slug: 'partner-store', name: 'Partner Store', current: true }],
    })
    assert.equal(await enter(link.action, link.params), 302)
    assert.equal(await enter(link.action, { ...link.params, email: 'eve@example.com' }), 403)
    assert.equal(await enter(link.action, { ...link.params, resource_token: params.token ?? '' }), 403)
    assert.equal(
      await enter(link.action, { ...link.params, timestamp: String(Number(timestamp) - 600) }),
      403,
    )
  })

  test('a service without an sso_url lets nobody in, and says so by having no door', async t => {
    const { partner } = await world(t)
    const { production, ...api } = partner.manifest.api
    const plain = { ...partner.manifest, api: { ...api, production: production.base_url } } as never
    assert.equal(providerOf({ ...partner, manifest: plain }).sso, undefined)
  })
})

describe('HTTP provider: in the background', () => {
  test('202 goes on by itself, and is asked again without becoming another', async t => {
    const { partner, provider } = await world(t)
    const resource = resourceOf(provider, { plan: 'async' })
    const first = await provider.provision(resource, NOTHING, signal())
    assert.equal(first.state, 'provisioning')
    assert.equal(first.message, 'It takes a while.')
    const second = await provider.provision(resource, NOTHING, signal())
    assert.equal(second.providerId, first.providerId)
    const { resources } = await partner.control<{ resources: Resource[] }>('list')
    assert.equal(resources.length, 1)
    assert.equal(await provider.deprovision({ ...resource, providerId: first.providerId }, signal()), 'gone')
  })

  test('a deprovisioning that takes a while is pending', async t => {
    const { provider } = await world(t)
    const { resource } = await provisioned(provider, resourceOf(provider, { plan: 'lingering' }))
    assert.equal(await provider.deprovision(resource, signal()), 'pending')
    assert.equal(await provider.status(resource, signal()), 'here')
  })
})

describe('HTTP provider: asking again', () => {
  test('an error of the provider’s own, a dropped connection, then an answer: one resource', async t => {
    const { partner, provider } = await world(t)
    await meet(
      partner,
      { status: 500 },
      { status: 200, headers: { 'content-length': '9' }, body: '{', drops: true },
    )
    const { resource } = await provisioned(provider)
    const asked = await partner.requests(resource)
    assert.equal(asked.length, 3)
    assert.deepEqual([...new Set(asked.map(request => request.body))].length, 1, 'the same request each time')
  })

  test('it is not asked more often than allowed', async t => {
    const { partner, provider } = await world(t)
    await refused(
      provider,
      { plan: 'unavailable' },
      ProviderUnavailable,
      /partner-store says: We are moving house\./,
    )
    await refused(
      provider,
      { plan: 'broken' },
      ProviderUnavailable,
      /partner-store has trouble of its own \(500\)/,
    )
    await refused(
      provider,
      { plan: 'drops' },
      ProviderUnavailable,
      /partner-store cannot be reached at 127\.0\.0\.1/,
    )
    assert.equal((await partner.requests()).length, 9)
  })

  test('a silent provider is given up when the budget is used up', async t => {
    const { partner } = await world(t)
    const provider = providerOf(partner, { budget: 1500 })
    const sentence = /partner-store did not answer within 1\.5 seconds/
    await refused(provider, { plan: 'silent' }, ProviderUnavailable, sentence)
    assert.equal((await partner.requests()).length, 1)
  })

  test('pauses are part of the budget: the last answer counts', async t => {
    const { partner } = await world(t)
    const provider = providerOf(partner, { budget: 1500, pause: 60_000 })
    await refused(provider, { plan: 'unavailable' }, ProviderUnavailable, /We are moving house/)
    assert.equal((await partner.requests()).length, 1)
  })

  test('who no longer wants it is obeyed while the provider keeps silent, and during a pause', async t => {
    const { partner } = await world(t)
    const provider = providerOf(partner, { pause: 60_000 })
    for (const plan of ['silent', 'broken']) {
      const before = (await partner.requests()).length
      const abort = new AbortController()
      const call = provider.provision(resourceOf(provider, { plan }), NOTHING, abort.signal)
      const rejection = assert.rejects(call, new Error('no longer wanted'))
      await eventually(
        'the partner is asked',
        async () => (await partner.requests()).length > before || undefined,
      )
      abort.abort(new Error('no longer wanted'))
      await rejection
    }
  })

  test('a provider that counts is asked later, not at once', async t => {
    const { partner, provider } = await world(t)
    await meet(partner, { status: 429 })
    await refused(provider, {}, ProviderUnavailable, /partner-store has too much to do \(429\)/)
    assert.equal((await partner.requests()).length, 1)
  })
})

async function enter(action: string, params: Readonly<Record<string, string>>): Promise<number> {
  const body = new URLSearchParams(params)
  return (await fetch(action, { method: 'POST', body, redirect: 'manual' })).status
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex')
}
