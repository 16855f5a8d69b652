import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEvents, type StreamEvent } from './event-stream.ts'

async function events(...chunks: readonly (string | Uint8Array)[]) {
  const bytes = chunks.map(chunk => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk))
  async function* stream() {
    yield* bytes
  }
  const found: StreamEvent[] = []
  for await (const event of readEvents(stream())) found.push(event)
  return found
}

test('events are read whatever pieces they come in', async () => {
  const text = 'id: 1\ndata: one\n\nid: 2\ndata: two\ndata: and more\n\n'
  const expected = [
    { id: '1', data: 'one' },
    { id: '2', data: 'two\nand more' },
  ]
  assert.deepEqual(await events(text), expected)
  assert.deepEqual(await events(...text), expected)
})

test('heartbeats, other fields and half an event are passed over', async () => {
  assert.deepEqual(await events(': heartbeat\n\nevent: log\nretry: 10\ndata: x\n\ndata: cut'), [
    { id: undefined, data: 'x' },
  ])
})

test('carriage returns, empty data and colons in data are kept as they should be', async () => {
  assert.deepEqual(await events('data:\r\n\r\ndata: a: b\r\n\r\n'), [
    { id: undefined, data: '' },
    { id: undefined, data: 'a: b' },
  ])
})

test('a character cut in two by the network is whole again', async () => {
  const bytes = new TextEncoder().encode('data: é\n\n')
  assert.deepEqual(await events(bytes.slice(0, 7), bytes.slice(7)), [{ id: undefined, data: 'é' }])
})
