import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { standbyOf } from './standby.ts'

const release = (id: string, moments: { turnAt?: number; succeededAt?: number } = {}) => ({
  id,
  turnAt: null,
  succeededAt: null,
  ...moments,
})

describe('standby', () => {
  const previous = release('r1', { succeededAt: 5 })
  const current = release('r2', { succeededAt: 100 })

  it('is the release before the current one, counted from the cut-over', () => {
    const standby = standbyOf({ current, previous, copy: undefined }, 50)
    assert.deepEqual(standby, { releaseId: 'r1', until: 150, answers: false })
  })

  it('is nobody when it is off, or there is no release before', () => {
    assert.equal(standbyOf({ current, previous, copy: undefined }, 0), null)
    assert.equal(standbyOf({ current, previous: undefined, copy: undefined }, 50), null)
    assert.equal(standbyOf({ current: undefined, previous, copy: undefined }, 50), null)
  })

  it('answers for a copy that was asked for in time, however late it is now', () => {
    const answers = (turnAt: number) =>
      standbyOf({ current, previous, copy: release('r3', { turnAt }) }, 50)?.answers
    assert.deepEqual([answers(149), answers(150)], [true, false])
  })
})
