import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FormationSize, formationAfter, knownSize, nextQuantity } from './formation.ts'

describe('formation', () => {
  for (const [now, asked, then] of [
    [1, 3, 3],
    [1, '3', 3],
    [1, 0, 0],
    [1, '+2', 3],
    [3, '-1', 2],
    [1, '-5', 0],
    [99, '+1', 100],
    [1, ' 2 ', 2],
  ] as const) {
    it(`${now} dynos, asked for ${JSON.stringify(asked)}, become ${then}`, () => {
      assert.equal(nextQuantity(now, asked), then)
    })
  }

  for (const asked of ['', 'two', '1.5', 1.5, '++1', '1e2', 101, '+100', '1234567', Number.NaN, -1]) {
    it(`cannot become ${JSON.stringify(asked)}`, () => {
      assert.throws(() => nextQuantity(1, asked), { id: 'invalid_params' })
    })
  }

  it('spells a size as the platform does', () => {
    assert.equal(knownSize('standard-1x'), 'Standard-1X')
    assert.throws(() => knownSize('huge'), {
      id: 'invalid_params',
      message: /"huge" is unknown\. Use one of: Eco, /,
    })
  })

  const row = (type: string, quantity: number): FormationSize => ({ type, quantity, size: 'Basic', epoch: 3 })

  it('of the first code begins with one web dyno and none of the others', () => {
    const fresh = (type: string, quantity: number): FormationSize => ({ ...row(type, quantity), epoch: 0 })
    assert.deepEqual(formationAfter([], ['worker', 'web']), [fresh('worker', 0), fresh('web', 1)])
  })

  it('keeps what is declared still, drops what is not, and begins new types at none', () => {
    const after = formationAfter([row('web', 2), row('clock', 1)], ['web', 'worker'])
    assert.deepEqual(after, [row('web', 2), { type: 'worker', quantity: 0, size: 'Basic', epoch: 0 }])
  })

  it('has one web dyno when web joins later, or comes back', () => {
    const without = formationAfter([row('web', 2), row('worker', 0)], ['worker'])
    assert.deepEqual(
      formationAfter(without, ['web', 'worker']).map(({ type, quantity }) => [type, quantity]),
      [
        ['web', 1],
        ['worker', 0],
      ],
    )
    assert.equal(
      formationAfter([row('web', 0)], ['web'])[0]?.quantity,
      0,
      'what somebody scaled to none stays so',
    )
  })
})
