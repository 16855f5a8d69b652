import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Attachment } from './attachment.ts'
import { type RollbackInput, rollbackReport, rollbackWarnings } from './rollback-report.ts'

const database = link('DATABASE', 'postgresql-round-1')
const redis = link('REDIS', 'redis-flat-1')
const nothing: RollbackInput = {
  from: { code: 'Deploy 7c35f77', config: {}, attachments: [] },
  to: { code: 'Deploy de63889', config: {}, attachments: [] },
  isSameCode: true,
  live: [],
  isGone: () => false,
  keepsAddonConfig: false,
  commitsAhead: 0,
  releaseCommands: [],
}

function link(name: string, addon: string): Attachment {
  const service = addon.split('-', 1)[0] ?? ''
  return {
    ...{ id: `link ${name}`, name, isStray: false, configVars: [`${name}_URL`] },
    addon: { id: `id of ${addon}`, name: addon, service, plan: 'mini' },
  }
}

function report(changes: Partial<RollbackInput>) {
  return rollbackReport({ ...nothing, ...changes })
}

describe('the rollback report', () => {
  test('says nothing where nothing is different', () => {
    assert.deepEqual(report({}), {
      ...{ code: null, config: { adds: [], removes: [], changes: [] } },
      ...{ stale: [], dangling: [], missing: [], commitsAhead: 0, releaseCommands: [] },
    })
    assert.deepEqual(rollbackWarnings(report({})), [])
  })

  test('names code by how it came about, and config vars without their values', () => {
    const from = { ...nothing.from, config: { A: 'secret', B: '1', C: '1' } }
    const to = { ...nothing.to, config: { B: 'secret', C: '1', D: 'secret' } }
    const found = report({ from, to, isSameCode: false })
    assert.deepEqual(found.code, { from: 'Deploy 7c35f77', to: 'Deploy de63889' })
    assert.deepEqual(found.config, { adds: ['D'], removes: ['A'], changes: ['B'] })
    assert.ok(!JSON.stringify(found).includes('secret'))
  })

  test('a value that the add-on has changed since is stale', () => {
    const to = { ...nothing.to, config: { DATABASE_URL: 'old' }, attachments: [database] }
    const from = { ...nothing.from, config: { DATABASE_URL: 'new' }, attachments: [database] }
    const found = report({ from, to, live: [{ attachment: database, vars: { DATABASE_URL: 'new' } }] })
    assert.deepEqual(found.stale, [
      { addon: 'postgresql-round-1', attachment: 'DATABASE', configVars: ['DATABASE_URL'] },
    ])
    assert.match(rollbackWarnings(found)[0] ?? '', /^DATABASE_URL is stale: postgresql-round-1 gives another/)
    const kept = report({
      from,
      to,
      live: [{ attachment: database, vars: { DATABASE_URL: 'new' } }],
      keepsAddonConfig: true,
    })
    assert.deepEqual([kept.stale, kept.config.changes], [[], []])
  })

  test('what belonged to an add-on that is gone is dangling, and to one that was detached as well', () => {
    const to = {
      ...nothing.to,
      config: { DATABASE_URL: 'a', REDIS_URL: 'b' },
      attachments: [database, redis],
    }
    const found = report({ to, isGone: id => id === database.addon.id })
    assert.deepEqual(
      found.dangling.map(({ configVars, isAddonGone }) => [configVars[0], isAddonGone]),
      [
        ['DATABASE_URL', true],
        ['REDIS_URL', false],
      ],
    )
    const kept = report({ to, isGone: () => true, keepsAddonConfig: true })
    assert.deepEqual(kept.config.adds, [], 'what is not there today does not come back')
  })

  test('what was attached since is missing', () => {
    const from = { ...nothing.from, config: { REDIS_URL: 'b' }, attachments: [redis] }
    const live = [{ attachment: redis, vars: { REDIS_URL: 'b' } }]
    const found = report({ from, live })
    assert.deepEqual(
      found.missing.map(({ addon }) => addon),
      ['redis-flat-1'],
    )
    assert.deepEqual(found.config.removes, ['REDIS_URL'])
    assert.deepEqual(report({ from, live, keepsAddonConfig: true }).config.removes, [])
  })

  test('tells of the git remote and of release commands', () => {
    const warnings = rollbackWarnings(report({ commitsAhead: 3, releaseCommands: [41, 43] }))
    assert.deepEqual(warnings, [
      'The git remote is 3 commits ahead.',
      'Release commands ran in between, and are not undone: v41, v43.',
    ])
  })
})
