import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostName, readRequestHead, readResponseHead } from './headers.ts'
import { LIMITS } from './limits.ts'

const read = (...raw: string[]) => readRequestHead(['Host', 'a.localhost', ...raw], LIMITS)

test('headers for this hop stay here, with those that Connection names', () => {
  const head = read(
    'Connection',
    'keep-alive, X-Private',
    'X-Private',
    '1',
    'Keep-Alive',
    'timeout=5',
    'Trailer',
    'x',
    'Accept',
    '*/*',
  )
  assert.deepEqual('headers' in head && head.headers, ['Accept', '*/*'])
})

test('an upgrade needs both headers', () => {
  const upgrade = (...raw: string[]) => {
    const head = read(...raw)
    return 'headers' in head ? head.upgrade : 'refused'
  }
  assert.equal(upgrade('Connection', 'Upgrade', 'Upgrade', 'websocket'), 'websocket')
  assert.equal(upgrade('Upgrade', 'websocket'), undefined)
  assert.equal(upgrade('Connection', 'keep-alive', 'Upgrade', 'websocket'), undefined)
})

test('a request id is kept when it has 20 to 200 characters of the safe set', () => {
  const id = (value: string) => {
    const head = read('X-Request-Id', value)
    return 'headers' in head ? head.requestId : 'refused'
  }
  assert.equal(id('a'.repeat(20)), 'a'.repeat(20))
  assert.equal(id('a+/=-'.repeat(40)), 'a+/=-'.repeat(40))
  for (const bad of ['a'.repeat(19), 'a'.repeat(201), `${'a'.repeat(20)}"`]) assert.equal(id(bad), undefined)
})

test('the length of a response is known even where its header stays here', () => {
  const head = readResponseHead(
    ['Content-Length', '3', 'Connection', 'content-length', 'Transfer-Encoding', 'x'],
    LIMITS,
  )
  assert.deepEqual(head, { headers: ['Via', '1.1 tidemark-router'], contentLength: 3 })
})

test('a host name loses its port and final dot', () => {
  const names = ['A.localhost', 'a.localhost:80', 'a.localhost.', 'a.localhost.:80', '[::1]:80', '[::1]']
  assert.deepEqual(names.map(hostName), [
    'a.localhost',
    'a.localhost',
    'a.localhost',
    'a.localhost',
    '[::1]',
    '[::1]',
  ])
})
