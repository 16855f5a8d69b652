import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProviderRefusal, ProviderUnavailable } from '../../src/addons/provider.ts'
import { provisioned, resourceOf } from './addon-provider.ts'
import { config, json, meet, refused, signal, world } from './addon-provider-http.ts'

describe('HTTP provider: what is refused, and not asked again', () => {
  for (const [plan, sentence] of [
    ['refused', /^partner-store says: There is no room left for you\.$/],
    ['garbage', /^partner-store answered 200 with something that is no JSON object/],
    ['redirect', /^partner-store answered with a redirect \(302\), which is not followed/],
    ['huge', /^partner-store answered with more than 1048576 bytes/],
    ['undeclared', /^partner-store gave the config var SOMEBODY_ELSES, which its manifest does not declare/],
  ] as const) {
    test(plan, async t => {
      const { partner, provider } = await world(t)
      await refused(provider, { plan }, ProviderRefusal, sentence)
      assert.equal((await partner.requests()).length, 1)
    })
  }

  for (const [what, answer, sentence] of [
    ['401', { status: 401 }, /does not take our credentials \(401\)/],
    ['403', { status: 403, body: '{"message":"Hm."}' }, /our credentials \(403\).* It says: Hm\.$/],
    ['404', { status: 404 }, /does not know what it was asked for \(404\).*base_url/],
    ['410', { status: 410 }, /says that this add-on is gone \(410\)/],
    [
      '418',
      { status: 418, body: '{"message":"I am a teapot."}' },
      /refuses .*\(418\)\. It says: I am a teapot\./,
    ],
    ['422 alone', { status: 422, body: 'nope' }, /says no, and gives no reason \(422\)/],
    ['204', { status: 204 }, /answered 204, where 200, 201 or 202 was expected/],
    ['a list', { status: 200, body: '[]' }, /no JSON object/],
    ['null', { status: 200, body: 'null' }, /no JSON object/],
    ['no id', json({ config: {} }), /gave no id/],
    ['an empty id', json({ id: '', config: {} }), /gave no id/],
    ['an id that is an object', json({ id: {}, config: {} }), /gave no id/],
    ['an id that JSON rounds', { status: 200, body: '{"id":12345678901234567890}' }, /no whole number/],
    ['an id that leads elsewhere', json({ id: '..', config: {} }), /an id that cannot be used/],
    ['an id over two lines', json({ id: 'a\nb', config: {} }), /an id that cannot be used/],
    ['an endless id', json({ id: 'a'.repeat(256), config: {} }), /an id that cannot be used/],
    ['half a character', { status: 202, body: '{"id":"\\ud800"}' }, /an id that cannot be used/],
    ['no config', json({ id: 1 }), /did not give PARTNER_STORE_URL, PARTNER_STORE_PLAN/],
    ['a list as config', json({ id: 1, config: ['s3cret'] }), /a config that is no JSON object/],
    ['a text as config', json({ id: 1, config: 's3cret' }), /a config that is no JSON object/],
    [
      'too few vars',
      json({ id: 1, config: { PARTNER_STORE_URL: 's3cret' } }),
      /did not give PARTNER_STORE_PLAN,/,
    ],
    ['a number', config({ PARTNER_STORE_PLAN: 1 }), /no string as the value of PARTNER_STORE_PLAN/],
    ['null as a value', config({ PARTNER_STORE_PLAN: null }), /no string as the value of PARTNER_STORE_PLAN/],
    ['a nested value', config({ PARTNER_STORE_URL: { a: 's3cret' } }), /no string as .* PARTNER_STORE_URL/],
    [
      'NUL in a value',
      config({ PARTNER_STORE_URL: 's3cret\0' }),
      /a NUL character in the value of PARTNER_STORE_URL/,
    ],
    ['NUL in a name', config({ 'A\0B': 's3cret' }), /the config var "A\\u0000B", which/],
    ['a name of the platform', config({ HEROKU_APP_ID: 's3cret' }), /the config var HEROKU_APP_ID, which/],
    [
      'a name every object has',
      { status: 200, body: '{"id":1,"config":{"__proto__":"s3cret"}}' },
      /var __proto__, which/,
    ],
    ['too much', config({ PARTNER_STORE_URL: 's3cret'.repeat(11_000) }), /config vars of \d+ bytes together/],
  ] as const) {
    test(what, async t => {
      const { partner, provider } = await world(t)
      await meet(partner, answer)
      await refused(provider, {}, ProviderRefusal, sentence)
      assert.equal((await partner.requests()).length, 1)
    })
  }

  test('bytes that are no UTF-8', async t => {
    const { partner, provider } = await world(t)
    await meet(partner, { status: 200, base64: Buffer.from('{"id":"\xff"}', 'latin1').toString('base64') })
    await refused(provider, {}, ProviderRefusal, /no JSON object/)
  })

  test('an unknown plan does not even reach the provider', async t => {
    const { partner, provider } = await world(t)
    await refused(
      provider,
      { plan: 'gold' },
      ProviderRefusal,
      /partner-store has no plan gold\. Its plans are test, /,
    )
    const { resource } = await provisioned(provider)
    await assert.rejects(provider.changePlan({ ...resource, plan: 'gold' }, signal()), ProviderRefusal)
    assert.equal((await partner.requests()).length, 1)
  })

  test('a backup of something else', async t => {
    const { provider } = await world(t)
    const from = { id: 'b', resourceId: 'r', service: 'partner-store', place: '/', size: 0 }
    const call = provider.provision(resourceOf(provider), { options: {}, from }, signal())
    await assert.rejects(call, ProviderRefusal)
  })
})

describe('HTTP provider: changes of plan', () => {
  for (const [what, answer, expected] of [
    ['no body', { status: 204 }, { config: null, message: null }],
    ['only a message', json({ message: 'Done.' }), { config: null, message: 'Done.' }],
    [
      'vars that change',
      json({ config: { PARTNER_STORE_PLAN: 'l' } }),
      { config: { PARTNER_STORE_PLAN: 'l' }, message: null },
    ],
  ] as const) {
    test(`answered with ${what}`, async t => {
      const { partner, provider } = await world(t)
      const { resource } = await provisioned(provider)
      await meet(partner, answer)
      assert.deepEqual(await provider.changePlan({ ...resource, plan: 'large' }, signal()), expected)
    })
  }

  test('refused, with the reason', async t => {
    const { partner, provider } = await world(t)
    const { resource } = await provisioned(provider)
    const change = () => provider.changePlan({ ...resource, plan: 'large' }, signal())
    await meet(partner, { status: 422, body: '{"message":"Too big for you."}' })
    await assert.rejects(change(), {
      name: 'ProviderRefusal',
      message: 'partner-store says: Too big for you.',
    })
    await meet(partner, json({ config: { OTHER: 's3cret' } }))
    await assert.rejects(change(), { name: 'ProviderRefusal', message: /gave the config var OTHER/ })
    await provider.deprovision(resource, signal())
    await assert.rejects(change(), { name: 'ProviderRefusal', message: /this add-on is gone \(410\)/ })
  })

  test('of what the provider never answered for has to wait', async t => {
    const { provider } = await world(t)
    await assert.rejects(provider.changePlan(resourceOf(provider), signal()), ProviderUnavailable)
  })
})

describe('HTTP provider: taking away and looking', () => {
  for (const status of [200, 204, 404, 410]) {
    test(`${status} means gone`, async t => {
      const { partner, provider } = await world(t)
      const { resource } = await provisioned(provider)
      await meet(partner, { status })
      assert.equal(await provider.deprovision(resource, signal()), 'gone')
    })
  }

  test('a provider that will not let go is a refusal', async t => {
    const { partner, provider } = await world(t)
    const { resource } = await provisioned(provider)
    await meet(partner, { status: 422, body: '{"message":"Pay first."}' })
    await assert.rejects(provider.deprovision(resource, signal()), {
      message: 'partner-store says: Pay first.',
    })
  })

  test('what was made but answered badly is found by its uuid and taken away', async t => {
    const { partner, provider } = await world(t)
    const resource = resourceOf(provider)
    await provisioned(provider, resource)
    await meet(partner, { status: 200, body: '{"id":4701,"config":{"OTHER":"x"}}' })
    assert.equal(await provider.deprovision(resource, signal()), 'gone')
    const { resources } = await partner.control<{ resources: { isGone: boolean }[] }>('list')
    assert.deepEqual(
      resources.map(each => each.isGone),
      [true],
    )
  })

  for (const status of [410, 422]) {
    test(`${status} to a uuid that was never answered means that there is nothing`, async t => {
      const { partner, provider } = await world(t)
      await meet(partner, { status })
      assert.equal(await provider.deprovision(resourceOf(provider), signal()), 'gone')
    })
  }

  test('wrong credentials do not pass for an add-on that is gone', async t => {
    const { partner, provider } = await world(t)
    await meet(partner, { status: 401 })
    await assert.rejects(provider.deprovision(resourceOf(provider), signal()), ProviderRefusal)
  })

  for (const [status, expected] of [
    [200, 'here'],
    [404, 'here'],
    [405, 'here'],
    [302, 'here'],
    [503, 'here'],
    [410, 'gone'],
  ] as const) {
    test(`looking, and ${status}, means ${expected}`, async t => {
      const { partner, provider } = await world(t)
      const { resource } = await provisioned(provider)
      await meet(partner, { status })
      assert.equal(await provider.status(resource, signal()), expected)
      assert.equal((await partner.requests()).length, 2)
    })
  }

  test('an id with a slash in it stays one part of the address', async t => {
    const { partner, provider } = await world(t)
    await meet(partner, { status: 204 })
    await provider.deprovision(resourceOf(provider, { providerId: '../a b/ü?#' }), signal())
    assert.equal((await partner.requests())[0]?.path, '/heroku/resources/..%2Fa%20b%2F%C3%BC%3F%23')
  })
})
