import assert from 'node:assert/strict'
import { it } from 'node:test'
import { backoff } from './crash.ts'
import { minutes, seconds } from './time.ts'

for (const [crashes, pause] of [
  [0, 0],
  [1, 0],
  [2, seconds(2)],
  [3, seconds(4)],
  [9, seconds(256)],
  [10, minutes(5)],
  [5000, minutes(5)],
] as const) {
  it(`after ${crashes} crashes in a row a dyno waits ${pause} ms`, () =>
    assert.equal(backoff(crashes), pause))
}
