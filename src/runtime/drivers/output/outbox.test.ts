import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outbox } from './outbox.ts'

interface Batch {
  batch: number
  texts: string[]
}

const entry = (text: string, appId = 'a') => ({
  appId,
  line: { at: 1, source: 'app' as const, dyno: 'web.1', text },
  dyno: { id: 'd', kind: 'formation' as const },
  offset: 0,
  isLast: false,
})

/** Collects batches; `next` resolves with the next one. */
function subscribe(outbox: Outbox): { next(): Promise<Batch> } {
  const got: Batch[] = []
  let wake = () => {}
  outbox.subscribe((batch, lines) => {
    got.push({ batch, texts: lines.map(({ line }) => line.text) })
    wake()
  })
  return {
    next: async () => {
      while (got.length === 0) await new Promise<void>(resolve => (wake = resolve))
      return got.shift() as Batch
    },
  }
}

test('lines wait for a subscriber and come in order, one batch at a time', async () => {
  const outbox = new Outbox(() => 1)
  outbox.add(entry('1'))
  outbox.add(entry('2'))
  const reader = subscribe(outbox)
  const first = await reader.next()
  assert.deepEqual(first.texts, ['1', '2'])
  outbox.add(entry('3'))
  outbox.ack(first.batch)
  assert.deepEqual((await reader.next()).texts, ['3'])
})

test('who subscribes anew gets what was not acknowledged; a late acknowledgement of the old batch is ignored', async () => {
  const outbox = new Outbox(() => 1)
  outbox.add(entry('1'))
  const lost = await subscribe(outbox).next()
  const reader = subscribe(outbox)
  outbox.ack(lost.batch)
  const again = await reader.next()
  assert.deepEqual(again.texts, ['1'])
  outbox.ack(lost.batch)
  assert.ok(!outbox.isEmpty)
  outbox.ack(again.batch)
  assert.ok(outbox.isEmpty)
})

test('lines beyond the limit are counted and reported once; other apps keep their room', async () => {
  const outbox = new Outbox(() => 0, { crowded: 500, perApp: 1000, inAll: 10_000 })
  for (let n = 0; n < 20; n++) outbox.add(entry(`${n}`))
  assert.ok(outbox.isCrowded('a') && !outbox.isCrowded('b'))
  outbox.add(entry('other', 'b'))
  const reader = subscribe(outbox)
  const first = await reader.next()
  assert.deepEqual(first.texts, ['0', '1', '2', '3', '4', '5', '6', 'other'])
  outbox.ack(first.batch)
  outbox.add(entry('later'))
  const next = await reader.next()
  assert.deepEqual(next.texts, [
    'Error L10 (output buffer overflow): 13 messages dropped since 1970-01-01T00:00:00.000Z.',
    'later',
  ])
})

test('who waits for room is told once there is room again', async () => {
  const outbox = new Outbox(() => 1, { crowded: 200, perApp: 10_000, inAll: 20_000 })
  outbox.add(entry('1'))
  outbox.add(entry('2'))
  const reader = subscribe(outbox)
  const first = await reader.next()
  outbox.add(entry('3'))
  outbox.add(entry('4'))
  let relieved = 0
  outbox.onRelief('a', () => relieved++)
  outbox.onRelief('a', () => relieved++)()
  outbox.ack(first.batch)
  assert.equal(relieved, 0)
  outbox.ack((await reader.next()).batch)
  assert.equal(relieved, 1)
})
