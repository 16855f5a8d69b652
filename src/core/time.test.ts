import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, hours, isoSeconds, minutes, seconds, spoken } from './time.ts'

describe('time', () => {
  it('is milliseconds', () => {
    assert.deepEqual([seconds(1), minutes(1), hours(1), days(1)], [1000, 60_000, 3_600_000, 86_400_000])
  })

  it('is shown to clients in whole seconds, cut and not rounded', () => {
    assert.equal(isoSeconds(Date.UTC(2012, 0, 1, 12, 0, 0, 999)), '2012-01-01T12:00:00Z')
  })

  for (const [duration, words] of [
    [0, '0 ms'],
    [250, '250 ms'],
    [seconds(12), '12 s'],
    [seconds(60), '60 s'],
    [minutes(3), '3 min'],
    [hours(2), '2 h'],
  ] as const) {
    it(`${duration} ms is said as ${words}`, () => assert.equal(spoken(duration), words))
  }
})
