import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_SETTINGS } from './app.ts'
import { type Health, rollbackReason } from './automatic-rollback.ts'

const fine: Health = { answers: 1000, errors: 3, crashes: 0 }
const reason = (after: Partial<Health>, before: Partial<Health> = {}) =>
  rollbackReason({ before: { ...fine, ...before }, after: { ...fine, ...after } }, DEFAULT_SETTINGS)

describe('the reason for an automatic rollback', () => {
  it('is the share of answers that are errors', () => {
    assert.equal(
      reason({ answers: 50, errors: 17 }),
      'answered 17 of 50 requests with an error (34 %, and the limit is 20 %)',
    )
    assert.ok(reason({ answers: 20, errors: 4 }), 'the limit itself counts')
    assert.equal(reason({ answers: 100, errors: 19 }), undefined)
  })

  it('is not found in a few answers', () => {
    assert.equal(reason({ answers: 19, errors: 19 }), undefined)
  })

  it('is the number of crashes', () => {
    assert.equal(reason({ crashes: 3 }), 'crashed 3 times (the limit is 3)')
    assert.equal(reason({ crashes: 2 }), undefined)
  })

  it('is none where the release before did no better', () => {
    assert.equal(reason({ answers: 50, errors: 50 }, { errors: 200 }), undefined)
    assert.equal(reason({ crashes: 9 }, { crashes: 3 }), undefined)
    assert.ok(reason({ answers: 50, errors: 50 }, { answers: 5, errors: 5 }), 'too few to judge it by')
  })
})
