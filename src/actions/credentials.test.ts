import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashPassword, isPassword, newToken, tokenHash } from './credentials.ts'

describe('credentials', () => {
  it('keeps of a password what recognises it and does not show it', async () => {
    const stored = await hashPassword('correct horse')
    assert.match(stored, /^scrypt\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$/)
    assert.ok(await isPassword('correct horse', stored))
    assert.ok(!(await isPassword('correct hors', stored)))
    assert.ok(!(await isPassword('', stored)))
  })

  it('recognises nothing as the password of an account that has none, or whose stored one is broken', async () => {
    for (const stored of [null, '', 'scrypt$', 'scrypt$AAAA$'])
      assert.ok(!(await isPassword('', stored)), String(stored))
  })

  it('refuses a password too short to protect anything, or long enough to keep the server busy', async () => {
    await assert.rejects(hashPassword('short'), { id: 'invalid_params' })
    await assert.rejects(hashPassword('x'.repeat(1025)), { id: 'invalid_params' })
  })

  it('makes tokens that are never the same, and keeps their hash', () => {
    const [one, other] = [newToken(), newToken()]
    assert.match(one, /^tmk_[A-Za-z0-9_-]{43}$/)
    assert.notEqual(one, other)
    assert.match(tokenHash(one), /^[0-9a-f]{64}$/)
    assert.equal(tokenHash(one), tokenHash(one))
  })
})
