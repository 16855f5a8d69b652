import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_SETTINGS } from '../core/app.ts'
import type { Desired } from '../core/desired.ts'
import type { Dyno } from '../core/dyno.ts'
import { releaseDyno } from '../core/release-command.ts'
import { differences } from './records.ts'

const rolling = { releaseId: 'r2', version: 2, processes: [], releaseCommand: 'migrate' }
const desired: Desired = {
  serving: null,
  rolling,
  isCommandStopAsked: false,
  standby: null,
  slots: new Map(),
  oneOffs: [],
  settings: DEFAULT_SETTINGS,
}
const { id, releaseId, kind, type, number, name, command, size } = releaseDyno(rolling)
const dyno = { id, appId: 'a', releaseId, kind, type, number, name }
const running = { ...dyno, state: 'running' as const, isListening: false, exitStatus: null }
const row: Dyno = {
  ...{ ...dyno, command, size, releaseVersion: 2, state: 'up', exitStatus: null },
  ...{ createdAt: 0, updatedAt: 0 },
}

describe('what is written down of a release command', () => {
  it('is a row while it runs, with its end', () => {
    const appeared = differences('a', { desired, recorded: [], ended: new Set() }, [running])
    assert.deepEqual(appeared.appeared, [{ ...dyno, command: 'migrate', size, state: 'up' }])
    const exited = { ...running, state: 'exited' as const, exitStatus: 1 }
    const ended = differences('a', { desired, recorded: [row], ended: new Set() }, [exited])
    assert.deepEqual(ended, {
      appeared: [],
      changed: [{ id, state: 'complete', exitStatus: 1 }],
      gone: [],
    })
    const again = differences('a', { desired, recorded: [], ended: new Set([id]) }, [exited])
    assert.deepEqual(again, { appeared: [], changed: [], gone: [] })
  })

  it('goes when it has ended and the driver has forgotten it', () => {
    const forgotten = { ...desired, rolling: null }
    const report = differences('a', { desired: forgotten, recorded: [], ended: new Set([id]) }, [])
    assert.deepEqual(report.gone, [id])
  })
})
