import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Release } from './release.ts'
import { eligibility, previousEligible } from './rollback.ts'

function release(version: number, changes: Partial<Release> = {}): Release {
  return {
    id: `r${version}`,
    appId: 'app',
    version,
    kind: 'deploy',
    description: 'Deploy',
    status: 'succeeded',
    current: false,
    reason: null,
    artifactId: 'artifact',
    artifactDeletedAt: null,
    configId: 'config',
    attachments: [],
    artifactKind: 'slug',
    account: { id: 'account', email: 'jim@example.com' },
    turnAt: 1,
    succeededAt: 1,
    pin: null,
    createdAt: 1,
    updatedAt: 1,
    ...changes,
  }
}

describe('eligibility for rollback', () => {
  it('is had by what succeeded with an artifact, the current release included', () => {
    assert.deepEqual(eligibility(release(3)), { eligible: true })
    assert.deepEqual(eligibility(release(3, { current: true })), { eligible: true })
  })

  for (const [title, changes, reason] of [
    ['is pending', { status: 'pending' }, /^Release v3 is still pending/],
    ['failed', { status: 'failed', reason: 'x' }, /^Release v3 failed/],
    [
      'expired',
      { status: 'expired', reason: 'older than 30 days' },
      /^Release v3 has expired: older than 30 days\.$/,
    ],
    [
      'has lost its artifact',
      { artifactDeletedAt: 5 },
      /^Release v3 has expired: its artifact was destroyed/,
    ],
    ['never had code', { artifactId: null }, /^Release v3 has no artifact/],
  ] as const) {
    it(`is refused to one that ${title}`, () => {
      const verdict = eligibility(release(3, changes))
      assert.ok(!verdict.eligible)
      assert.match(verdict.reason, reason)
    })
  }
})

describe('a rollback without a number', () => {
  it('goes one eligible release back', () => {
    const newestFirst = [
      release(6, { status: 'failed' }),
      release(5, { current: true }),
      release(4, { status: 'failed' }),
      release(3),
      release(2),
    ]
    assert.equal(previousEligible(newestFirst)?.version, 3)
  })

  it('has nowhere to go when only one release ever ran', () => {
    assert.equal(previousEligible([release(2), release(1, { artifactId: null })]), undefined)
  })
})
