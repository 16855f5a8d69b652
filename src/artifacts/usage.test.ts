import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usageOf, weigh } from './usage.ts'

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

test('images weigh what only they need, each part once, apart from what others need as well', () => {
  assert.deepEqual(weigh({ images }, []), { own: 0, shared: 0 })
  assert.deepEqual(weigh({ images }, ['a']), { own: 1, shared: 110 })
  assert.deepEqual(weigh({ images }, ['a', 'b', 'a']), { own: 13, shared: 100 })
  assert.deepEqual(weigh({ images }, ['b', 'a', 'c', 'unknown']), { own: 117, shared: 0 })
})

test('an image that others have as well weighs nothing of its own', () => {
  assert.deepEqual(weigh({ images }, ['a'], new Set(['a'])), { own: 0, shared: 111 })
  assert.deepEqual(weigh({ images }, ['a', 'b'], new Set(['b'])), { own: 1, shared: 112 })
})
