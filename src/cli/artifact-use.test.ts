import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Release } from '../client/shapes.ts'
import { artifactUses, spokenVersions } from './artifact-use.ts'

function release(version: number, artifact: string | null, status: Release['status'] = 'succeeded'): Release {
  const artifacts = artifact === null ? [] : [{ type: 'slug', id: artifact }]
  return { version, status, artifacts } as unknown as Release
}

test('each artifact is named once, with the releases that use it', () => {
  const releases = [
    release(5, 'one'),
    release(4, 'two', 'failed'),
    release(3, 'one'),
    release(2, 'gone', 'expired'),
    release(1, null),
  ]
  assert.deepEqual(artifactUses(releases), [
    { id: 'one', versions: [5, 3] },
    { id: 'two', versions: [4] },
  ])
})

test('releases one after another are said as a range', () => {
  assert.equal(spokenVersions([9]), 'v9')
  assert.equal(spokenVersions([9, 7, 6, 5, 2, 1]), 'v9, v7-v5, v2-v1')
})
