import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type AddonBody,
  ask,
  changes,
  configOf,
  create,
  goes,
  heldBy,
  names,
  register,
  turns,
} from '../support/addons.ts'
import { call, TestApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { startPartner, type TestPartner } from '../support/partner.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'

/** How often one call is sent before it counts as failed. */
const TRIES = 3

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

async function trouble(...answers: readonly Record<string, unknown>[]): Promise<void> {
  await partner.control('trouble', { answers })
}

async function orphans(): Promise<AddonBody[]> {
  return (await call(platform, { path: '/addon-orphans' })).body
}

async function reasonOf(app: TestApp, name: string): Promise<string> {
  return eventually(
    `a reason for ${name}`,
    async () => (await app.call('GET', `/addons/${name}`)).body.reason ?? undefined,
  )
}

test('what the provider refuses is refused in its own words, and leaves nothing behind', async () => {
  const app = await TestApp.create(platform, 'refused')
  const refused = await ask(app, 'partner-store:refused', { name: 'nothing', attachment: { name: 'STORE' } })
  assert.equal(refused.status, 422)
  assert.deepEqual(refused.body, {
    id: 'invalid_params',
    message: 'partner-store says: There is no room left for you.',
  })
  assert.deepEqual([await changes(app), await configOf(app)], [[], {}])
  await goes(app, { name: 'nothing' })
  const again = await create(app, 'partner-store:test', { name: 'nothing', attachment: { name: 'STORE' } })
  assert.equal(again.state, 'provisioned', 'its names are free')
})

test('a provider that cannot answer is asked again until it does', async () => {
  const troubles = {
    unavailable: { status: 503, body: '{"message":"We are moving house."}' },
    broken: { status: 500, body: 'Oops' },
    drops: { drops: true },
  }
  const sentences = {
    unavailable: 'partner-store says: We are moving house.',
    broken: 'partner-store has trouble of its own (500). Try again in a while.',
    drops: `partner-store cannot be reached at ${new URL(partner.url).host} (UND_ERR_SOCKET). Try again in a while.`,
  }
  for (const [name, answer] of Object.entries(troubles)) {
    const app = await TestApp.create(platform, `asks-${name}`)
    await trouble(...Array(TRIES).fill(answer))
    const made = await create(app, 'partner-store:test', { name: `from-${name}` })
    assert.equal(made.state, 'provisioning')
    assert.equal(made.reason, sentences[name as keyof typeof sentences])
    const { body: shown } = await app.call('GET', '/addons')
    assert.deepEqual(names(shown), [made.name])
    assert.deepEqual(await changes(app), [])
    assert.equal((await turns(app, made, 'provisioned')).reason, null)
    assert.equal((await changes(app)).length, 2)
  }
})

test('one that never answers keeps an add-on waiting, and where it is destroyed, to be taken away', async () => {
  const app = await TestApp.create(platform, 'waits')
  const made = await create(app, 'partner-store:unavailable', { name: 'never' })
  assert.equal(made.state, 'provisioning')
  const gone = await app.call('DELETE', `/addons/${made.name}`, {})
  assert.deepEqual([gone.status, gone.body.state], [200, 'deprovisioning'])
  assert.equal(await reasonOf(app, made.name), 'partner-store says: We are moving house.')
  assert.ok(names(await orphans()).includes(made.name))
  const person = await call(platform, {
    method: 'POST',
    path: '/accounts',
    body: { email: 'jim@example.com' },
  })
  assert.equal((await call(platform, { path: '/addon-orphans', token: person.body.token })).status, 403)
  assert.deepEqual(await changes(app), [])
})

test('an answer that makes no sense is said in a sentence, and what the provider made of it is taken away', async () => {
  const answers = {
    garbage: [
      { status: 200, body: '<html>' },
      /^partner-store answered 200 with something that is no JSON object\.$/,
    ],
    redirect: [
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      /^partner-store answered with a redirect \(302\), which is not followed\./,
    ],
    huge: [
      { status: 200, body: `{"id":1,"message":"${'x'.repeat(2 ** 21)}"}` },
      /^partner-store answered with more than 1048576 bytes/,
    ],
    undeclared: [
      { status: 200, body: '{"id":1,"config":{"SOMEBODY_ELSES":"x"}}' },
      /^partner-store gave the config var SOMEBODY_ELSES, which its manifest does not declare/,
    ],
  } as const
  for (const [name, [answer, sentence]] of Object.entries(answers)) {
    const app = await TestApp.create(platform, `gets-${name}`)
    await trouble(answer)
    const made = await ask(app, 'partner-store:test', { name })
    assert.equal(made.status, 422)
    assert.match(made.body.message, sentence)
    assert.deepEqual([await changes(app), await configOf(app)], [[], {}])
    await goes(app, { name })
    const resources = (await partner.control<{ resources: { name: string; isGone: boolean }[] }>('list'))
      .resources
    assert.equal(resources.find(each => each.name === name)?.isGone, true)
  }
})

test('a provider that only ever talks nonsense is still to take away what it may have made, and why it did not is said', async () => {
  const app = await TestApp.create(platform, 'nonsense')
  for (const [plan, sentence] of [
    ['garbage', /^partner-store answered 200 with something that is no JSON object\.$/],
    ['redirect', /^partner-store answered with a redirect/],
    ['huge', /^partner-store answered with more than/],
  ] as const) {
    const made = await ask(app, `partner-store:${plan}`, { name: `never-${plan}` })
    assert.equal(made.status, 422)
    assert.match(made.body.message, sentence)
    const orphan = await eventually('it was tried', async () =>
      (await orphans()).find(each => each.name === `never-${plan}` && each.next_attempt_at !== null),
    )
    assert.match(orphan.reason ?? '', sentence)
  }
  assert.deepEqual(await changes(app), [])
})

test('while the provider is down, what was destroyed waits with a reason, and is finished when it is back', async () => {
  const app = await TestApp.create(platform, 'patient')
  const made = await create(app, 'partner-store:test', { name: 'waiting' })
  await partner.control('close')
  const leaving = await app.call('DELETE', `/addons/${made.name}`, {})
  assert.equal(leaving.body.state, 'deprovisioning')
  assert.deepEqual(await configOf(app), {})
  const reason = await reasonOf(app, made.name)
  assert.match(reason, /^partner-store cannot be reached at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\./)
  assert.ok(names(await orphans()).includes(made.name))
  assert.deepEqual(names((await app.call('GET', '/addons')).body), [made.name])
  assert.equal((await heldBy(partner, made))?.isGone, false)
  await partner.control('open')
  await goes(app, made)
  assert.equal((await heldBy(partner, made))?.isGone, true)
  assert.equal((await changes(app)).length, 3)
})

test('destroyed while it is being made, it is taken away again', async () => {
  const app = await TestApp.create(platform, 'hasty')
  await trouble({ hangs: true })
  const asking = ask(app, 'partner-store:test', { name: 'half-made' })
  await eventually(
    'the provider is asked',
    async () => (await partner.requests()).some(({ body }) => body.includes('"half-made"')) || undefined,
  )
  const gone = await app.call('DELETE', '/addons/half-made', {})
  assert.equal(gone.body.state, 'deprovisioned')
  const asked = await asking
  assert.deepEqual([asked.status, asked.body.id], [422, 'invalid_params'])
  assert.match(asked.body.message, /half-made could not be created/)
  assert.deepEqual([await changes(app), await configOf(app)], [[], {}])
  assert.equal((await heldBy(partner, gone.body))?.isGone, true)

  const slow = await create(app, 'partner-store:async', { name: 'half-way' })
  assert.equal((await changes(app)).length, 1)
  assert.equal((await app.call('DELETE', '/addons/half-way', {})).body.state, 'deprovisioned')
  assert.match((await changes(app)).at(-1) ?? '', /^Detach PARTNER_STORE \(@ref:half-way\)/)
  assert.equal((await partner.control('exchange', { uuid: slow.id })).status, 400, 'too late to finish it')
})
