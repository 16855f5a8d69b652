import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigFault, readConfig } from './config.ts'

test('retention and the disk budget are read from flags and environment, and refused in sentences', () => {
  const { retention, diskBudget } = readConfig([], {})
  assert.deepEqual([retention, diskBudget], [{ days: 30, releases: 100, rule: 'any' }, null])
  const set = readConfig(['--retention-days', '14', '--disk-budget', '50GB'], {
    TIDEMARK_RETENTION_RULE: 'all',
  })
  assert.deepEqual(
    [set.retention, set.diskBudget],
    [{ days: 14, releases: 100, rule: 'all' }, 50_000_000_000],
  )
  for (const [flags, sentence] of [
    [
      ['--retention-days', '0'],
      /^Retention days is 0; expected a whole number from 1 to 36500\. See --retention-days/,
    ],
    [['--retention-releases', 'many'], /^Retention releases is "many"; expected a whole number/],
    [['--retention-rule', 'some'], /^Retention rule is "some"; expected any/],
    [['--disk-budget', '50'], /^--disk-budget is "50"; expected a number with a unit, such as/],
  ] as const)
    assert.throws(
      () => readConfig(flags, {}),
      (error: Error) => error instanceof ConfigFault && sentence.test(error.message),
    )
})
