import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObservedDyno } from './driver.ts'
import { Observed } from './observed.ts'

function dyno(id: string, state: ObservedDyno['state'] = 'running'): ObservedDyno {
  return {
    ...{ id, appId: 'app', releaseId: 'r1', kind: 'formation', name: 'web.1', type: 'web', number: 1, state },
    ...{
      isListening: false,
      address: null,
      startedAt: 0,
      exitedAt: null,
      exitStatus: null,
      fingerprint: null,
      fault: null,
    },
  }
}

test('a list tells of dynos that vanished', () => {
  const observed = new Observed()
  observed.see(dyno('a'))
  observed.listing()
  observed.replace([dyno('b')])
  assert.deepEqual(
    observed.list().map(({ id }) => id),
    ['b'],
  )
})

test('what was heard while a list was on its way is newer than the list', () => {
  const observed = new Observed()
  for (const id of ['changed', 'forgotten']) observed.see(dyno(id))
  observed.listing()
  observed.see(dyno('changed', 'exited'))
  observed.see(dyno('begun', 'starting'))
  observed.forget(['forgotten'])
  observed.replace([dyno('changed'), dyno('forgotten')])
  assert.deepEqual(
    observed.list().map(({ id, state }) => [id, state]),
    [
      ['changed', 'exited'],
      ['begun', 'starting'],
    ],
  )
})
