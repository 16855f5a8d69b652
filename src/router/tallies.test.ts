import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tallies } from './tallies.ts'

test('answers are counted for each release, and told once; all of them to somebody new', () => {
  const tallies = new Tallies()
  for (const status of [200, 404, 500, 503]) tallies.count('app', 'r1', status)
  tallies.count('app', 'r2', 200)
  const first = { appId: 'app', releaseId: 'r1', answers: 4, errors: 2 }
  const second = { appId: 'app', releaseId: 'r2', answers: 1, errors: 0 }
  assert.deepEqual(tallies.take(), [first, second])
  assert.deepEqual(tallies.take(), [])
  assert.deepEqual(tallies.take(true), [first, second])
})

test('only the newest releases of an app are remembered', () => {
  const tallies = new Tallies()
  for (const releaseId of ['r1', 'r2', 'r3', 'r4']) tallies.count('app', releaseId, 200)
  assert.deepEqual(
    tallies.take(true).map(tally => tally.releaseId),
    ['r2', 'r3', 'r4'],
  )
  tallies.remove('app')
  assert.deepEqual(tallies.take(true), [])
})
