import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matches } from './filter.ts'
import type { LogLine } from './line.ts'

const line: LogLine = { at: 0, source: 'app', dyno: 'web.1', text: '' }

test('an empty filter matches every line', () => assert.ok(matches(line, {})))

test('source and dyno must both match', () => {
  assert.ok(matches(line, { source: 'app', dyno: 'web.1' }))
  assert.ok(!matches(line, { source: 'heroku', dyno: 'web.1' }))
  assert.ok(!matches(line, { source: 'app', dyno: 'web.2' }))
})

test('a process type matches all of its dynos and no other type', () => {
  assert.ok(matches(line, { dyno: 'web' }))
  assert.ok(!matches({ ...line, dyno: 'website.1' }, { dyno: 'web' }))
  assert.ok(!matches({ ...line, dyno: 'web.10' }, { dyno: 'web.1' }))
})
