import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rollbackReport } from './rollback-report.ts'

const v2 = { slug: { id: 's1' }, version: 2, description: 'Deploy de63889' }
const v3 = { slug: { id: 's1' }, version: 3, description: 'Config add A' }
const v4 = { slug: { id: 's2' }, version: 4, description: 'Deploy 7c35f77' }
const ledger = [v4, v3, v2]

test('the code is named by the deploy it came with', () => {
  assert.deepEqual(rollbackReport({ release: v4, config: {} }, { release: v3, config: {} }, ledger), [
    'Code:    Deploy de63889 in place of Deploy 7c35f77',
    'Config:  stays as it is',
  ])
})

test('config vars are named, without their values', () => {
  const from = { release: v3, config: { A: 'secret', B: '1', C: '1' } }
  const to = { release: v2, config: { B: 'secret', C: '1', D: 'secret' } }
  assert.deepEqual(rollbackReport(from, to, ledger), [
    'Code:    stays as it is',
    'Config:  adds D; removes A; changes B',
  ])
})

test('a deploy too long ago is named by its release', () => {
  const old = { release: { version: 1, slug: { id: 's0' } }, config: {} }
  assert.equal(
    rollbackReport({ release: v4, config: {} }, old, ledger)[0],
    'Code:    that of v1 in place of Deploy 7c35f77',
  )
})
