import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { Seal } from './seal.ts'

describe('seal', () => {
  const seal = new Seal(randomBytes(32))

  it('opens what it sealed, and seals the same text differently each time', () => {
    for (const text of ['', 'hunter2', 'é🌊', 'x'.repeat(100_000)])
      assert.equal(seal.open(seal.seal(text, 'row'), 'row'), text)
    assert.notDeepEqual(seal.seal('hunter2', 'row'), seal.seal('hunter2', 'row'))
  })

  it('opens bytes that lie anywhere in a larger buffer, as a database driver hands them out', () => {
    const sealed = seal.seal('hunter2', 'row')
    const larger = new Uint8Array(sealed.length + 20)
    larger.set(sealed, 7)
    assert.equal(seal.open(larger.subarray(7, 7 + sealed.length), 'row'), 'hunter2')
  })

  it('opens for no other row, under no other key, and with no byte changed or missing', () => {
    const sealed = seal.seal('hunter2', 'row')
    const refusal = /cannot be decrypted: the master key is not the one/
    assert.throws(() => seal.open(sealed, 'another row'), refusal)
    assert.throws(() => new Seal(randomBytes(32)).open(sealed, 'row'), refusal)
    for (let index = 1; index < sealed.length; index++) {
      const changed = Uint8Array.from(sealed)
      changed[index] = (changed[index] ?? 0) ^ 1
      assert.throws(() => seal.open(changed, 'row'), refusal, `byte ${index}`)
    }
    assert.throws(() => seal.open(sealed.subarray(0, -1), 'row'), refusal)
    assert.throws(() => seal.open(new Uint8Array(), 'row'), /unknown format/)
    assert.throws(() => seal.open(sealed.subarray(0, 5), 'row'), Error)
  })

  it('takes a key of 32 bytes and no other', () => {
    assert.throws(() => new Seal(new Uint8Array(16)), /must be 32 bytes, not 16/)
  })
})
