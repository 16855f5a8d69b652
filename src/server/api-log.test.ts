import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventData, EventKind } from '../ledger/events.ts'
import { apiLines } from './api-log.ts'

const release = { version: 9, user: 'jim@example.com', hasCommand: true }

function texts(kind: EventKind, data: EventData): string[] {
  return apiLines({ seq: 1, appId: 'a', kind, data, at: 1 }).map(({ line }) => line.text)
}

describe('what the app log says of a release', () => {
  it('with a command: that it runs, and that the release was created once it is done', () => {
    assert.deepEqual(texts('release:create', { ...release, description: 'Deploy de63889' }), [
      'Deploy de63889 by user jim@example.com',
      'Running release v9 commands by user jim@example.com',
    ])
    assert.deepEqual(texts('release:update', { ...release, status: 'pending' }), [])
    assert.deepEqual(texts('release:update', { ...release, status: 'succeeded' }), [
      'Release v9 created by user jim@example.com',
    ])
  })

  it('without one: that it was created, at once', () => {
    const plain = { ...release, hasCommand: false }
    assert.deepEqual(texts('release:create', { ...plain, description: 'Config add A' }), [
      'Config add A by user jim@example.com',
      'Release v9 created by user jim@example.com',
    ])
    assert.deepEqual(texts('release:update', { ...plain, status: 'succeeded' }), [])
  })

  it('that failed: why, and that it was its command if it was', () => {
    const failed = { ...release, status: 'failed' }
    assert.deepEqual(
      texts('release:update', {
        ...failed,
        phase: 'command',
        reason: 'the release command exited with status 1',
      }),
      [
        'Release v9 command failed by user jim@example.com',
        'Release v9 failed: the release command exited with status 1',
      ],
    )
    assert.deepEqual(
      texts('release:update', { ...failed, phase: 'dynos', reason: 'web.1 exited with status 1' }),
      ['Release v9 failed: web.1 exited with status 1'],
    )
  })
})
