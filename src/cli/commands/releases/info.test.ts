import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Release } from '../../../client/shapes.ts'
import { lines } from './info.ts'

const now = Date.parse('2026-11-22T18:00:00Z')

const V24 = {
  version: 24,
  description: 'Deploy 575bfa8',
  status: 'succeeded',
  current: false,
  addon_plan_names: ['deployhooks:email', 'releases:advanced'],
  user: { id: '1', email: 'jim@example.com' },
  created_at: '2026-11-22T12:00:00Z',
} as Release

test('a release is shown as in the documentation', () => {
  assert.deepEqual(lines(V24, { MY_CONFIG_VAR: '42', RACK_ENV: 'production' }, now), [
    'Change:      Deploy 575bfa8',
    'By:          jim@example.com',
    'When:        6 hours ago',
    'Addons:      deployhooks:email, releases:advanced',
    'Config:      MY_CONFIG_VAR => 42',
    '             RACK_ENV      => production',
  ])
})

test('a failed release says why; what a release does not have is left out', () => {
  const failed = {
    ...V24,
    status: 'failed',
    reason: 'web.1 exited with status 1',
    addon_plan_names: [],
  } as Release
  assert.deepEqual(lines(failed, {}, now), [
    'Change:      Deploy 575bfa8',
    'Status:      failed: web.1 exited with status 1',
    'By:          jim@example.com',
    'When:        6 hours ago',
  ])
})

test('a pinned release says why, and whose wish it is', () => {
  const pin = { reason: 'audit', user: { id: '1', email: 'joe@example.com' }, created_at: V24.created_at }
  const pinned = lines({ ...V24, pinned: true, pin }, {}, now)
  assert.deepEqual(pinned.slice(1, 3), ['Status:      pinned', 'Pinned:      audit (by joe@example.com)'])
})

test('a value of several lines stays on one', () => {
  assert.ok(lines(V24, { KEY: 'a\nb' }, now).includes('Config:      KEY => a\\nb'))
})
