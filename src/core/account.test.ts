import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isEmail, permits } from './account.ts'

describe('account', () => {
  for (const [text, expected] of [
    ['jim@example.com', true],
    ['j@e', true],
    ['jim', false],
    ['jim@', false],
    ['@example.com', false],
    ['jim@a@b', false],
    ['jim smith@example.com', false],
    // A colon would end the user name of Basic authentication.
    ['jim:x@example.com', false],
    [`${'j'.repeat(65)}@example.com`, false],
    ['jim@example.com\n', false],
  ] as const) {
    it(`${JSON.stringify(text.slice(0, 30))} is ${expected ? '' : 'not '}an e-mail address`, () => {
      assert.equal(isEmail(text), expected)
    })
  }

  it('lets a collaborator do everything but share and destroy', () => {
    for (const permission of ['view', 'deploy', 'operate'] as const)
      assert.ok(permits('collaborator', permission))
    for (const permission of ['share', 'destroy'] as const) {
      assert.ok(permits('owner', permission))
      assert.ok(!permits('collaborator', permission))
    }
  })
})
