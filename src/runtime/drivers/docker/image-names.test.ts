import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageName, nameChecker } from './image-names.ts'

const DIGEST = 'sha256:0123456789abcdef'
const made = { digest: DIGEST, stack: null, uid: 700_001 }

test('what an image is called does not follow from what people know of it', () => {
  const [one, other] = ['one', 'other'].map(text => imageName({ ...made, key: Buffer.from(text) }))
  assert.ok(!one?.includes('0123456789'), one)
  assert.notEqual(one, other)
  assert.notEqual(one?.slice(0, 40), other?.slice(0, 40))
})

test('the images of an artifact are known by their names, whatever they were made on', () => {
  const key = Buffer.from('one')
  const isKept = nameChecker(key, [DIGEST])
  for (const stack of [null, 'sha256:a'] as const) assert.ok(isKept(imageName({ ...made, stack, key })))
  assert.ok(!isKept(imageName({ ...made, digest: 'sha256:another', key })))
  assert.ok(!isKept('tidemark/app:0123456789abcdef-0123456789ab'), 'as they were called before')
})
