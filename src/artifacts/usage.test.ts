import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesFreed, usageOf } from './usage.ts'

const blob = (digest: string, size: number) => ({ digest, size })

const images = usageOf(
  new Map([
    ['a', [blob('own a', 1), blob('of two', 10), blob('of all', 100)]],
    ['b', [blob('own b', 2), blob('of two', 10), blob('of all', 100)]],
    ['c', [blob('own c', 4), blob('of all', 100)]],
  ]),
)

test("an image's bytes are its own, or shared", () => {
  const figures = [...images].map(([image, { own, shared }]) => [image, own, shared])
  assert.deepEqual(figures, [
    ['a', 1, 110],
    ['b', 2, 110],
    ['c', 4, 100],
  ])
})

test('removing frees what nobody else needs, each blob once', () => {
  assert.equal(bytesFreed(images, []), 0)
  assert.equal(bytesFreed(images, ['a']), 1)
  assert.equal(bytesFreed(images, ['a', 'b']), 13)
  assert.equal(bytesFreed(images, ['b', 'a', 'c', 'a', 'unknown']), 117)
})
