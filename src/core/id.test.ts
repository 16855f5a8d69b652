import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { derivedId, isUuid } from './id.ts'

describe('derived id', () => {
  const parts = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 })

  it('is a UUID, the same for the same parts and another for others', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        assert.ok(isUuid(derivedId(...one)))
        const same = JSON.stringify(one) === JSON.stringify(other)
        assert.equal(derivedId(...one) === derivedId(...other), same)
      }),
    )
  })

  it('keeps apart parts that read alike when joined', () => {
    assert.notEqual(derivedId('a', 'bc'), derivedId('ab', 'c'))
    assert.notEqual(derivedId('1'), derivedId(1))
  })

  for (const text of [
    '',
    'x',
    '01234567-89ab-cdef-0123-456789abcdeg',
    '01234567-89AB-CDEF-0123-456789ABCDEF',
  ]) {
    it(`${JSON.stringify(text)} is no id of ours`, () => assert.ok(!isUuid(text)))
  }
})
