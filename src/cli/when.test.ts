import assert from 'node:assert/strict'
import { test } from 'node:test'
import { when } from './when.ts'

const now = Date.parse('2026-11-22T18:00:00Z')
const before = (age: number) => when(now - age, now, 0)

test('a recent moment is relative', () => {
  assert.equal(before(0), '0 seconds ago')
  assert.equal(before(1000), '1 second ago')
  assert.equal(before(59_999), '59 seconds ago')
  assert.equal(before(60_000), '1 minute ago')
  assert.equal(before(5 * 60_000), '5 minutes ago')
  assert.equal(before(3 * 3_600_000), '3 hours ago')
  assert.equal(before(25 * 3_600_000 - 1), '24 hours ago')
})

test('an old moment is absolute, with its offset', () => {
  assert.equal(before(25 * 3_600_000), '2026-11-21 17:00:00 +0000')
  assert.equal(when(Date.parse('2010-09-12T22:32:17Z'), now, 420), '2010-09-12 15:32:17 -0700')
  assert.equal(when(Date.parse('2010-09-12T22:32:17Z'), now, -330), '2010-09-13 04:02:17 +0530')
})

test('a moment that a fast clock puts in the future is now', () => {
  assert.equal(before(-5000), '0 seconds ago')
})
