import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatLine, type LogLine, parseLine } from './line.ts'

const line: LogLine = { at: 1704067200000, source: 'app', dyno: 'web.1', text: 'hello' }

test('a line is printed with its microseconds', () => {
  assert.equal(formatLine(line), '2024-01-01T00:00:00.000000+00:00 app[web.1]: hello')
  assert.equal(
    formatLine({ ...line, at: line.at + 999.999 }),
    '2024-01-01T00:00:00.999999+00:00 app[web.1]: hello',
  )
})

test('what is printed reads back as the same line', () => {
  for (const at of [1704067200000.001, 1795384849473.928, 1795384849599.25]) {
    for (const text of ['', ' spaces ', '2024 app[x]: y', 'tab\tü\u2028']) {
      const original: LogLine = { at, source: 'heroku', dyno: 'router', text }
      assert.deepEqual(parseLine(formatLine(original)), original)
    }
  }
})

test('anything else is no line', () => {
  for (const text of [
    '',
    'hello',
    '2024-01-01T00:00:00.000000+00:00 other[web.1]: x',
    '2024-13-01T00:00:00.000000+00:00 app[web.1]: x',
  ]) {
    assert.equal(parseLine(text), undefined)
  }
})
