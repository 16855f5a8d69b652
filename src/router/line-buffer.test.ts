import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineBuffer } from './line-buffer.ts'

const texts = (buffer: LineBuffer) => buffer.batch()?.lines.map(({ appId, line }) => `${appId} ${line.text}`)

test('a batch is offered until it is acknowledged, and then the next one', () => {
  const buffer = new LineBuffer(10, () => 5)
  assert.equal(buffer.batch(), undefined)
  buffer.push('a', 'one')
  const first = buffer.batch()
  assert.deepEqual(first?.lines, [
    { appId: 'a', line: { at: 5, source: 'heroku', dyno: 'router', text: 'one' } },
  ])
  buffer.push('a', 'two')
  assert.deepEqual(texts(buffer), ['a one'])
  buffer.acknowledge(99)
  assert.deepEqual(texts(buffer), ['a one'])
  buffer.acknowledge(first?.batch ?? 0)
  assert.deepEqual(texts(buffer), ['a two'])
})

test('the newest lines are kept, and each app is told how many of its own are missing', () => {
  const buffer = new LineBuffer(3, () => 5)
  for (const text of ['1', '2', '3', '4']) buffer.push('a', text)
  buffer.push('b', '5')
  buffer.push('b', '6')
  buffer.push('b', '7')
  assert.deepEqual(texts(buffer), [
    'a Error L10 (output buffer overflow): 4 messages dropped',
    'b 5',
    'b 6',
    'b 7',
  ])
})

test('thousands of lines leave in order, in batches', () => {
  const buffer = new LineBuffer(10_000, () => 5)
  for (let i = 0; i < 12_500; i++) buffer.push('a', String(i))
  const all: string[] = []
  for (let batch = buffer.batch(); batch; batch = buffer.batch()) {
    all.push(...batch.lines.map(({ line }) => line.text))
    buffer.acknowledge(batch.batch)
  }
  assert.equal(all.shift(), 'Error L10 (output buffer overflow): 2500 messages dropped')
  assert.deepEqual(
    all,
    Array.from({ length: 10_000 }, (_, i) => String(i + 2500)),
  )
})
