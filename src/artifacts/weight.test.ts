import assert from 'node:assert/strict'
import { test } from 'node:test'
import { weigh } from './weight.ts'

const blob = (digest: string, size: number) => ({ digest, size })
const images = new Map([
  ['a', { blobs: [blob('base', 100), blob('a1', 1)] }],
  ['b', { blobs: [blob('base', 100), blob('deps', 10), blob('b1', 2)] }],
  ['c', { blobs: [blob('base', 100), blob('deps', 10), blob('c1', 4)] }],
])

test('images weigh what only they need, each part once, apart from what others need as well', () => {
  assert.deepEqual(weigh({ images }, ['b']), { own: 2, shared: 110 })
  assert.deepEqual(weigh({ images }, ['b', 'c', 'b']), { own: 16, shared: 100 })
  assert.deepEqual(weigh({ images }, ['a', 'b', 'c']), { own: 117, shared: 0 })
  assert.deepEqual(weigh({ images }, ['unknown']), { own: 0, shared: 0 })
})
