import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { corrections, levelOf, type SeenLimits } from './limits.ts'

const PLAN = { name: 'p', humanName: 'P', description: '', cents: 0, size: 1000, connections: 20 }
const RIGHT: SeenLimits = {
  database: 'd',
  size: 1000,
  connections: 20,
  logins: [{ name: 'd_1', connections: 20, isReadOnly: false }],
}

describe('the level of a database', () => {
  for (const [size, level] of [
    [0, 'open'],
    [1000, 'open'],
    [1001, 'read-only'],
    [1250, 'read-only'],
    [1251, 'closed'],
  ] as const) {
    it(`is ${level} at ${size} of 1000 bytes`, () => assert.equal(levelOf(size, 1000), level))
  }
})

describe('corrections', () => {
  it('are none where all is right', () => assert.deepEqual(corrections(RIGHT, PLAN), []))

  it('put back what an owner lifted', () => {
    assert.deepEqual(corrections({ ...RIGHT, connections: -1 }, PLAN), [
      'alter database d connection limit 20',
    ])
  })

  it('make every login of a database that is too large read-only', () => {
    const logins = [...RIGHT.logins, { name: 'd_2', connections: -1, isReadOnly: true }]
    assert.deepEqual(corrections({ ...RIGHT, size: 1001, logins }, PLAN), [
      'alter role d_1 in database d set default_transaction_read_only = on',
      'alter role d_2 connection limit 20',
    ])
  })

  it('close a database that is far too large, and open it again', () => {
    const closed = { ...RIGHT, connections: 0, logins: [{ name: 'd_1', connections: 20, isReadOnly: true }] }
    assert.deepEqual(corrections({ ...closed, size: 2000 }, PLAN), [])
    assert.deepEqual(corrections(closed, PLAN), [
      'alter database d connection limit 20',
      'alter role d_1 in database d reset default_transaction_read_only',
    ])
  })
})
