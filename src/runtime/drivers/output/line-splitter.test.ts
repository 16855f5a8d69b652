import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineSplitter, MAX_LINE_BYTES } from './line-splitter.ts'

function split(...chunks: readonly (string | Buffer)[]): string[] {
  const splitter = new LineSplitter()
  return [...chunks.flatMap(chunk => splitter.push(Buffer.from(chunk as string))), ...splitter.end()]
}

test('lines end with a line feed, a carriage return before it goes too', () => {
  assert.deepEqual(split('a\nb\r\n\nc'), ['a', 'b', '', 'c'])
  assert.deepEqual(split('a\r', '\nb\n'), ['a', 'b'])
})

test('a character that two chunks share stays whole', () => {
  const text = 'grüße 🌊\n'
  const bytes = Buffer.from(text)
  for (let at = 0; at <= bytes.length; at++)
    assert.deepEqual(split(bytes.subarray(0, at), bytes.subarray(at)), ['grüße 🌊'])
})

test('a line of exactly the limit is one line, one more byte makes two', () => {
  const full = 'x'.repeat(MAX_LINE_BYTES)
  for (const end of ['', '\n', '\r\n']) assert.deepEqual(split(full + end), [full])
  for (const end of ['', '\n', '\r\n']) assert.deepEqual(split(`${full}y${end}`), [full, 'y'])
})

test('a long line is cut between characters, and nothing is lost', () => {
  const text = '🌊'.repeat(12_345)
  const parts = split(...(text.match(/.{1,7}/gsu) ?? []))
  assert.equal(parts.join(''), text)
  assert.ok(parts.every(part => Buffer.byteLength(part) <= MAX_LINE_BYTES))
})

test('bytes that are no UTF-8 are still cut', () => {
  const parts = split(Buffer.alloc(25_000, 0x80))
  assert.equal(parts.length, 3)
})
