import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addonOf, password, passwordRule, userName } from './credentials.ts'

const ID = '01234567-89ab-4cde-8f01-23456789abcd'
const KEY = Buffer.alloc(32, 1)

describe('a user of an add-on', () => {
  it('is recognised by its name, and nobody else is', () => {
    assert.equal(addonOf(userName(ID, 12)), ID)
    for (const name of ['default', 'tidemark', `tidemark-${ID}`, `x${userName(ID, 1)}`]) {
      assert.equal(addonOf(name), undefined)
    }
  })
  it('has the same password each time, and another in each generation and with each key', () => {
    const secret = password(KEY, userName(ID, 1))
    assert.match(secret, /^[\w-]{43}$/)
    assert.equal(password(KEY, userName(ID, 1)), secret)
    assert.notEqual(password(KEY, userName(ID, 2)), secret)
    assert.notEqual(password(Buffer.alloc(32, 2), userName(ID, 1)), secret)
  })
  it('is told to servers by what proves the password', () => {
    assert.equal(passwordRule('pw'), '#30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4')
  })
})
