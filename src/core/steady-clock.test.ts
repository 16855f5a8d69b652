import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSteady, nextMark, steadyAgainAt } from './steady-clock.ts'
import { days, hours, minutes } from './time.ts'

const NOW = Date.UTC(2026, 10, 25)
const mark = { wall: NOW, steadySince: null }

describe('the wall clock', () => {
  it('is believed at the first look', () => {
    const first = nextMark(null, { wall: NOW, elapsed: null })
    assert.deepEqual(first, mark)
    assert.ok(isSteady(first))
    assert.equal(steadyAgainAt(first), null)
  })

  for (const [title, passed, elapsed, isBelieved] of [
    ['goes on by the hour', hours(1), hours(1), true],
    ['is adjusted by minutes', hours(1) + minutes(9), hours(1), true],
    ['is adjusted back by a moment between two looks', -1, 0, true],
    ['was adjusted back by a moment while the server was down', -1, null, true],
    ['was not looked at while the server was down', hours(47), null, true],
    ['was looked at late, by a server that was up', days(4), days(4), true],
    ['is set forward while the server is up', hours(2), hours(1), false],
    ['is set back while the server is up', hours(1), hours(2), false],
    ['is set back, before the last look', -1, hours(1), false],
    ['was set back while the server was down', -hours(1), null, false],
    ['was set forward while the server was down', days(40), null, false],
  ] as const) {
    it(`${isBelieved ? 'is' : 'is not'} believed when it ${title}`, () => {
      const after = nextMark(mark, { wall: NOW + passed, elapsed })
      assert.equal(isSteady(after), isBelieved)
      assert.equal(after.wall, NOW + passed)
    })
  }

  it('is believed again after a day of steadiness, counted from the last time it was set', () => {
    let set = nextMark(mark, { wall: NOW + days(40), elapsed: hours(1) })
    for (let hour = 0; hour < 12; hour++)
      set = nextMark(set, { wall: set.wall + hours(1), elapsed: hours(1) })
    assert.ok(!isSteady(set))
    set = nextMark(set, { wall: NOW, elapsed: hours(1) })
    assert.equal(steadyAgainAt(set), NOW + hours(24))
    for (let hour = 0; hour < 23; hour++)
      set = nextMark(set, { wall: set.wall + hours(1), elapsed: hours(1) })
    assert.ok(!isSteady(set))
    set = nextMark(set, { wall: set.wall + hours(1), elapsed: hours(1) })
    assert.ok(isSteady(set))
    assert.equal(steadyAgainAt(set), null)
  })
})
