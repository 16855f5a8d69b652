import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fineClock } from './clock.ts'

test('no moment comes twice, each has whole microseconds, and all are near the machine’s clock', () => {
  const now = fineClock()
  const moments = Array.from({ length: 10_000 }, now)
  for (const [index, at] of moments.entries()) {
    assert.ok(index === 0 || at > (moments[index - 1] ?? 0))
    assert.equal(at, Math.round(at * 1000) / 1000)
  }
  assert.ok(Math.abs((moments.at(-1) ?? 0) - Date.now()) < 1000)
})
