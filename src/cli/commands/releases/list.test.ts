import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Release } from '../../../client/shapes.ts'
import { Output } from '../../output.ts'
import { table } from '../../table.ts'
import { COLUMNS, row } from './list.ts'

const now = Date.parse('2026-11-22T18:00:00Z')
const minutesAgo = (count: number) => new Date(now - count * 60_000).toISOString()

function release(
  version: number,
  description: string,
  email: string,
  fields: Partial<Release> = {},
): Release {
  return {
    ...({ id: `r${version}`, status: 'succeeded', current: false, pinned: false, reason: null } as Release),
    ...{ version, description, user: { id: email, email }, created_at: minutesAgo(10) },
    ...fields,
  }
}

function lines(...releases: Release[]): string[] {
  const output = new Output(process.stdout, process.stderr, { NO_COLOR: '1' })
  return table(
    COLUMNS,
    releases.map(each => row(each, now)),
    output,
  )
}

test('the table is the one of the documentation, character for character', () => {
  const old = Date.parse('2010-09-12T22:32:17Z')
  const listed = lines(
    release(52, 'Config add AWS_S3_KEY', 'jim@example.com', { created_at: minutesAgo(5) }),
    release(51, 'Deploy de63889', 'stephan@example.com', { created_at: minutesAgo(7) }),
    release(50, 'Deploy 7c35f77', 'stephan@example.com', { created_at: minutesAgo(180) }),
    release(49, 'Rollback to v46', 'joe@example.com', { created_at: new Date(old).toISOString() }),
  )
  assert.deepEqual(listed.slice(0, 5), [
    'Rel   Change                          By                    When',
    '----  ----------------------          ----------            ----------',
    'v52   Config add AWS_S3_KEY           jim@example.com       5 minutes ago',
    'v51   Deploy de63889                  stephan@example.com   7 minutes ago',
    'v50   Deploy 7c35f77                  stephan@example.com   3 hours ago',
  ])
  assert.match(
    listed[5] ?? '',
    /^v49 {3}Rollback to v46 {17}joe@example\.com {7}2010-09-1\d \d\d:\d\d:17 [+-]\d{4}$/,
  )
})

test('a release that is current, pending, failed, expired or pinned says so, and why it failed', () => {
  const changes = lines(
    release(5, 'Deploy 1111111', 'a@b', { status: 'pending' }),
    release(4, 'Deploy 2222222', 'a@b', { status: 'failed', reason: 'web.1 exited with status 1' }),
    release(3, 'Deploy 3333333', 'a@b', { current: true, pinned: true }),
    release(2, 'Deploy 4444444', 'a@b', { status: 'expired' }),
  ).slice(2)
  assert.equal(changes[2], '      web.1 exited with status 1')
  assert.deepEqual(
    changes.map(line => line.slice(6, 38).trim()),
    [
      'Deploy 1111111 (pending)',
      'Deploy 2222222 (failed)',
      'web.1 exited with status 1',
      'Deploy 3333333 (current, pinned)',
      'Deploy 4444444 (expired)',
    ],
  )
})

test('a wide cell widens its column, and what others wrote cannot move the cursor', () => {
  const [, , wide, narrow] = lines(
    release(2, 'Config add A_RATHER_LONG_NAME, ANOTHER_ONE', 'somebody.with.a.name@example.com'),
    release(1, 'evil \u001b[2J\nrelease', 'a@b'),
  )
  assert.equal(wide?.indexOf('10 minutes ago'), narrow?.indexOf('10 minutes ago'))
  assert.match(narrow ?? '', /evil \\x1b\[2J\\nrelease/)
})
