import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deploy, startPlatform } from './api-support.ts'

test('process types are listed with the release command, and scaled', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await deploy(platform, owner, app, {
    processTypes: { release: 'node migrate.js', web: 'node .', worker: 'node worker.js' },
  })
  const shown = (rows: { type: string; quantity: number; size: string }[]) =>
    rows.map(row => `${row.type}=${row.quantity}:${row.size}`)
  const list = await owner.call('GET', '/apps/sushi/formation')
  assert.deepEqual(shown(list.body), ['release=0:Basic', 'web=1:Basic', 'worker=0:Basic'])
  assert.equal(list.body[1].command, 'node .')

  const updates = [
    { quantity: '2', size: 'standard-1x', type: 'web' },
    { quantity: '+1', type: 'worker' },
  ]
  const scaled = await owner.call('PATCH', '/apps/sushi/formation', { body: { updates } })
  assert.deepEqual(shown(scaled.body), ['web=2:Standard-1X', 'worker=1:Basic'])
  const one = await owner.call('PATCH', '/apps/sushi/formation/worker', {
    body: { quantity: 3, dyno_size: { name: 'eco' } },
  })
  assert.deepEqual(shown([one.body]), ['worker=3:Eco'])
  assert.equal((await owner.call('GET', '/apps/sushi/releases')).body.length, 2)

  const sizes = ['release', 'web'].map(type => ({ type, size: 'Basic' }))
  assert.deepEqual(
    shown((await owner.call('PATCH', '/apps/sushi/formation', { body: { updates: sizes } })).body),
    ['release=0:Basic', 'web=2:Basic'],
  )
})

test('scaling that makes no sense is refused with a sentence', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const early = await owner.call('PATCH', '/apps/sushi/formation/web', { body: { quantity: 1 } })
  assert.match(early.body.message, /no code yet/)
  await deploy(platform, owner, app, { processTypes: { web: 'node .', release: 'node migrate.js' } })
  for (const [update, sentence] of [
    [{ type: 'clock', quantity: 1 }, /Procfile declares: web/],
    [{ type: 'web', quantity: 'many' }, /Quantity "many" is invalid/],
    [{ type: 'web', quantity: 1000 }, /at most 100/],
    [{ type: 'web', quantity: 1.5 }, /Invalid parameters/],
    [{ type: 'web', size: 'Huge' }, /Dyno size "Huge" is unknown/],
    [{ type: 'release', quantity: 1 }, /cannot be scaled/],
  ] as const) {
    const refused = await owner.call('PATCH', '/apps/sushi/formation', { body: { updates: [update] } })
    assert.deepEqual([refused.status, refused.body.id], [422, 'invalid_params'])
    assert.match(refused.body.message, sentence)
  }
})

test('one-off dynos are run, listed and stopped; attaching is refused with what to do', async t => {
  const platform = await startPlatform(t)
  const { owner } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const early = await owner.call('POST', '/apps/sushi/dynos', { body: { command: 'ls' } })
  assert.deepEqual([early.status, early.body.id], [409, 'conflict'])
  await deploy(platform, owner, app)
  const run = await owner.call('POST', '/apps/sushi/dynos', {
    body: { attach: false, command: 'ls -l', env: { TERM: 'xterm', COLUMNS: 80 }, force_no_tty: true },
  })
  assert.equal(run.status, 201)
  assert.match(run.body.name, /^run\.\d{4}$/)
  assert.equal(run.body.release.version, 2)
  assert.deepEqual((await owner.call('GET', `/apps/sushi/dynos/${run.body.name}`)).body, run.body)
  assert.deepEqual((await owner.call('GET', `/apps/sushi/dynos/${run.body.id}`)).body, run.body)
  assert.equal((await owner.call('POST', `/apps/sushi/dynos/${run.body.id}/actions/stop`)).status, 202)
  assert.equal((await owner.call('DELETE', '/apps/sushi/dynos/web.1')).status, 202)
  assert.equal((await owner.call('DELETE', '/apps/sushi/dynos')).status, 202)
  assert.equal((await owner.call('DELETE', '/apps/sushi/formations/web')).status, 202)
  assert.equal((await owner.call('POST', '/apps/sushi/formations/web/actions/stop')).status, 202)
  assert.equal((await owner.call('DELETE', '/apps/sushi/dynos/web.9')).status, 404)
  assert.equal((await owner.call('DELETE', '/apps/sushi/formations/clock')).status, 404)

  const attached = await owner.call('POST', '/apps/sushi/dynos', { body: { attach: true, command: 'bash' } })
  assert.equal(attached.status, 422)
  assert.match(attached.body.message, /run:detached/)
  for (const body of [
    { command: ' ' },
    { command: 5 },
    {},
    { command: 'ls', env: { 'A-B': '1' } },
    { command: 'ls', size: 'Huge' },
    { command: 'ls', type: 'a b' },
  ]) {
    assert.equal((await owner.call('POST', '/apps/sushi/dynos', { body })).status, 422, JSON.stringify(body))
  }
})
