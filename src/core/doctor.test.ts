import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_SETTINGS } from './app.ts'
import type { Desired, Slot, Target } from './desired.ts'
import { examine, type Findings } from './doctor.ts'
import type { SeenDyno } from './seen-dyno.ts'
import { minutes, seconds } from './time.ts'
import { World } from './world.ts'

const NOW = 1_000_000
const web = { type: 'web', command: 'node', quantity: 2, size: 'Basic', epoch: 0 }
const serving: Target = { releaseId: 'r7', version: 7, processes: [web], releaseCommand: null }

function desired(changes: Partial<Desired> = {}): Desired {
  return {
    ...{ serving, rolling: null, isCommandStopAsked: false, standby: null, slots: new Map(), oneOffs: [] },
    settings: DEFAULT_SETTINGS,
    ...changes,
  }
}

const running = new World(desired(), [], NOW).places(serving).map(
  ({ wanted: { id, releaseId, kind, name, type } }): SeenDyno => ({
    ...{ id, releaseId, kind, name, type, state: 'running', isListening: true, startedAt: NOW },
    ...{ exitedAt: null, exitStatus: null, fault: null, hasDrifted: false },
  }),
)
const [first, second] = running
assert.ok(first && second)

function faults(changes: Partial<Findings>): string[] {
  const all: Findings = {
    ...{ desired: desired(), observed: running, recorded: new Set(), now: NOW, rollingSince: null },
    ...{ artifactFaults: [], caveats: [] },
    ...changes,
  }
  return examine(all).flatMap(({ status, sentence }) => (status === 'wrong' ? [sentence] : []))
}

function slot(changes: Partial<Slot>): ReadonlyMap<string, Slot> {
  const whole = { name: 'web.1', epoch: 0, isStopped: false, releaseId: 'r7', crashes: 0, crashedAt: null }
  return new Map([['web.1', { ...whole, ...changes }]])
}

describe('a look at an app', () => {
  it('finds nothing wrong where all is as it should be, or there is nothing yet', () => {
    assert.deepEqual(faults({}), [])
    assert.deepEqual(faults({ desired: desired({ serving: null }), observed: [] }), [])
  })

  it('does not miss a dyno that a person stopped', () => {
    assert.deepEqual(
      faults({ desired: desired({ slots: slot({ isStopped: true }) }), observed: [second] }),
      [],
    )
  })

  for (const [title, changes, expected] of [
    [
      'one that is missing',
      { observed: [second] },
      'v7 is current, and not all of it runs: web.1 of 2 dynos.',
    ],
    [
      'one that runs something else',
      { observed: [first, { ...second, hasDrifted: true }] },
      'Not what the ledger says runs in web.2; others take their places.',
    ],
    [
      'one that nobody asked for',
      { observed: [...running, { ...first, id: 'stray', name: 'web.9' }] },
      'Nobody asked for web.9, which runs beside the 2 dynos of the formation.',
    ],
    [
      'bytes that changed',
      { artifactFaults: ['Layer sha256:1 has 3 bytes and should have 4.'] },
      'The artifact of v7 is damaged: Layer sha256:1 has 3 bytes and should have 4.',
    ],
    [
      'a rollout that does not end',
      {
        desired: desired({ rolling: { ...serving, releaseId: 'r8', version: 8 } }),
        rollingSince: NOW - minutes(9),
      },
      'v8 has been rolling out for 9 min, which is longer than its time limits allow.',
    ],
  ] as const) {
    it(`sees ${title}`, () => assert.deepEqual(faults(changes), [expected]))
  }

  it('says how often a dyno crashed and when it starts again', () => {
    const slots = slot({ crashes: 3, crashedAt: NOW - seconds(1) })
    assert.deepEqual(faults({ desired: desired({ slots }), observed: [second] }), [
      'v7 is current, and not all of it runs: web.1 of 2 dynos.',
      'web.1 crashed 3 times in a row, and starts again in 3 s.',
    ])
  })

  it('knows dynos that were written down for ones on their way out', () => {
    const leaving = { ...first, id: 'old', releaseId: 'r6' }
    assert.deepEqual(faults({ observed: [...running, leaving], recorded: new Set(['old']) }), [])
  })
})
