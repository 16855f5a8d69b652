import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { configPatch, formatConfig, parseConfig } from './config-file.ts'

test('config vars survive being written and read, whatever their values', () => {
  const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
  const values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', ' ', '"', "it's", 'a\nb', '\r', '#x', 'a=b', '\u2028'),
  )
  fc.assert(
    fc.property(fc.dictionary(names, values, { noNullPrototype: true }), config => {
      assert.deepEqual(parseConfig(formatConfig(config)), config)
    }),
  )
})

test('plain values stay plain', () => {
  assert.equal(
    formatConfig({ URL: 'https://a.example/?b=c', NOTE: 'two\nlines' }),
    'URL=https://a.example/?b=c\nNOTE="two\\nlines"\n',
  )
})

test('a line that cannot be meant is refused, without its value', () => {
  for (const [text, reason] of [
    ['secret', /Line 1 is not of the form NAME=value/],
    ['A=1\nA=2', /Line 2 sets A a second time/],
    ['A="secret', /Line 1 begins with a quote/],
  ] as const) {
    assert.throws(
      () => parseConfig(text),
      (error: Error) => reason.test(error.message) && !error.message.includes('secret'),
    )
  }
})

test('a patch names what differs, and nothing else', () => {
  assert.deepEqual(configPatch({ A: '1', B: '2', C: '3' }, { A: '1', B: 'x', D: '4' }), {
    B: 'x',
    C: null,
    D: '4',
  })
})
