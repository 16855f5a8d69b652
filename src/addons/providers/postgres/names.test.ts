import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generationOf, idOf, keptName, loginName, namesOf } from './names.ts'

const ID = '0123abcd-4567-89ab-cdef-0123456789ab'
const DIGITS = '0123abcd456789abcdef0123456789ab'

describe('names', () => {
  it('follow from the id, and lead back to it', () => {
    const names = namesOf(ID)
    assert.equal(names.database, `tm_${DIGITS}`)
    assert.equal(idOf(names.database), ID)
    for (const other of [names.draft, keptName(ID), 'postgres', `${names.database}_1`])
      assert.equal(idOf(other), undefined)
  })

  it('number the logins', () => {
    const names = namesOf(ID)
    assert.equal(generationOf(loginName(names, 12)), 12)
    for (const other of [names.owner, names.draft, keptName(ID)]) assert.equal(generationOf(other), undefined)
  })

  it('are short enough to be kept whole', () => assert.ok(keptName(ID).length <= 63))

  it('are made of nothing but an id', () => {
    for (const odd of ['', '../..', `${ID}; drop`, ID.toUpperCase()]) {
      assert.throws(() => namesOf(odd), /is not the id of an add-on/)
      assert.throws(() => keptName(odd), /is not the id of an add-on/)
    }
  })
})
