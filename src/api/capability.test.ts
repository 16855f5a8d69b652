import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Capabilities } from './capability.ts'

test('a capability holds for its path, parameters, method and time, and for nothing else', () => {
  let now = 1000
  const capabilities = new Capabilities(new Uint8Array(32), () => now)
  const url = capabilities.sign({
    method: 'GET',
    path: '/streams/a',
    lifetime: 500,
    parameters: { dyno: 'web 1&x=y' },
  })
  assert.equal(capabilities.holds('GET', url), true)
  assert.equal(capabilities.holds('PUT', url), false)
  for (const changed of [
    url.replace('/a?', '/b?'),
    url.replace('web', 'run'),
    url.replace('expires=1500', 'expires=9999'),
    `${url}&tail=1`,
    url.replace(/&signature=.*/, ''),
    url.replace(/signature=.*/, 'signature=é'),
    '/streams/a',
  ]) {
    assert.equal(capabilities.holds('GET', changed), false, changed)
  }
  assert.equal(new Capabilities(new Uint8Array(32).fill(1), () => now).holds('GET', url), false)
  now = 1500
  assert.equal(capabilities.holds('GET', url), false)
})
