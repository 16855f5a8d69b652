import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Transcripts } from './transcript.ts'

describe('a transcript followed while it grows', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-transcripts-'))
  })
  after(() => rm(directory, { recursive: true }))

  test('is whole for those who were there when it ended', async () => {
    for (let round = 0; round < 20; round++) {
      const transcripts = new Transcripts(directory)
      const transcript = await transcripts.open(`end-${round}`)
      const readers = Array.from({ length: 5 }, () => readOnceThere(transcripts, `end-${round}`))
      transcript.write('one\n')
      transcript.write('two\n')
      await transcript.end()
      assert.deepEqual(await Promise.all(readers), Array(5).fill('one\ntwo\n'))
    }
  })

  test('is whole for those who looked for it before it began', async () => {
    for (let round = 0; round < 20; round++) {
      const transcripts = new Transcripts(directory)
      const readers = Array.from({ length: 5 }, () => readOnceThere(transcripts, `begin-${round}`))
      const transcript = await transcripts.open(`begin-${round}`)
      // Whoever has it by now has a way to its end, too.
      await setImmediate()
      transcript.write('one\n')
      await transcript.end()
      assert.deepEqual(await Promise.all(readers), Array(5).fill('one\n'))
    }
  })

  async function readOnceThere(transcripts: Transcripts, id: string): Promise<string> {
    const signal = AbortSignal.timeout(10_000)
    while (!signal.aborted) {
      const output = await transcripts.read(id, 0, signal)
      if (output) return text(output)
    }
    throw new Error(`There is no transcript ${id}.`)
  }
})

async function text(output: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
