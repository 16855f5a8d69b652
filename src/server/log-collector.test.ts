import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectLogs } from './log-collector.ts'

test('lines that cannot be stored are tried again, in order, and acknowledged only then', async () => {
  const done: string[] = []
  const troubles: string[] = []
  let failures = 2
  async function* source() {
    for (const name of ['one', 'two']) yield { lines: [name], ack: () => void done.push(`ack ${name}`) }
  }
  await collectLogs(
    source(),
    async ([line]) => {
      if (line === 'one' && failures-- > 0) throw new Error('disk full')
      done.push(`store ${line}`)
    },
    {
      signal: AbortSignal.timeout(20_000),
      onTrouble: error => void troubles.push((error as Error).message),
    },
  )
  assert.deepEqual(done, ['store one', 'ack one', 'store two', 'ack two'])
  assert.deepEqual(troubles, ['disk full'])
})

test('an abort ends the wait for a disk that stays full', async () => {
  const abort = new AbortController()
  async function* source() {
    yield { lines: ['one'], ack: () => assert.fail('nothing was stored') }
  }
  await collectLogs(source(), () => Promise.reject(new Error('disk full')), {
    signal: abort.signal,
    onTrouble: () => abort.abort(),
  })
})
