import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePairs } from './commands/config/set.ts'
import { parseUpdate } from './commands/ps/scale.ts'
import { parseRetention } from './commands/retention/set.ts'
import { commandLine } from './commands/run/detached.ts'
import { choice } from './dyno-choice.ts'
import { UsageError } from './errors.ts'

test('config pairs are cut at the first equals sign', () => {
  assert.deepEqual(parsePairs(['A=1', 'EMPTY=', 'URL=x?a=b']), { A: '1', EMPTY: '', URL: 'x?a=b' })
  assert.throws(
    () => parsePairs(['A=1', 'hunter2']),
    (error: Error) => error instanceof UsageError && !error.message.includes('hunter2'),
  )
  assert.throws(() => parsePairs(['=x']), UsageError)
})

test('a change of the formation is a number, or relative, with a size or without', () => {
  assert.deepEqual(parseUpdate('web=2'), { type: 'web', quantity: '2' })
  assert.deepEqual(parseUpdate('worker+1'), { type: 'worker', quantity: '+1' })
  assert.deepEqual(parseUpdate('my-worker-1'), { type: 'my-worker', quantity: '-1' })
  assert.deepEqual(parseUpdate('web=2:Standard-1X'), { type: 'web', quantity: '2', size: 'Standard-1X' })
  for (const text of ['web', 'web=', '=2', 'web=two', 'web=2:'])
    assert.throws(() => parseUpdate(text), UsageError)
})

test('retention settings are numbers and a rule, or empty', () => {
  assert.deepEqual(parseRetention(['days=14', 'releases=', 'rule=all']), {
    days: 14,
    releases: null,
    rule: 'all',
  })
  assert.deepEqual(parseRetention(['days=-1', 'rule=']), { days: -1, rule: null })
  for (const text of ['days', 'days=two', 'days=-', 'rule=some', 'weeks=2'])
    assert.throws(() => parseRetention([text]), UsageError)
})

test('one word to run is a command line; several are words', () => {
  assert.equal(commandLine(['echo $PORT | wc -c']), 'echo $PORT | wc -c')
  assert.equal(commandLine(['echo', 'two words', '-n']), "echo 'two words' -n")
})

test('dynos are chosen one by one or by their type, never both', () => {
  assert.deepEqual(choice('web.1', {}), { dyno: 'web.1' })
  assert.deepEqual(choice('web', {}), { type: 'web' })
  assert.deepEqual(choice(undefined, { processType: 'web' }), { type: 'web' })
  assert.equal(choice(undefined, {}), undefined)
  assert.throws(() => choice('web', { dynoName: 'web.1' }), UsageError)
})
