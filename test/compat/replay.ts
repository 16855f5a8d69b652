import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { show } from '../transcripts/terminal.ts'
import { parseTranscript, Reading, written } from '../transcripts/transcript.ts'
import type { Person } from './person.ts'
import { settled } from './settled.ts'

/** Tests transcripts one after another, each going on where the one before it ended. */
export function replay(name: string, { platform, home, token }: Person, topics: readonly string[]): void {
  describe(name, { concurrency: false }, () => {
    const reading = new Reading()
    for (const topic of topics) {
      test(topic, async () => {
        const text = await readFile(join(import.meta.dirname, 'transcripts', `${topic}.txt`), 'utf8')
        for (const exchange of parseTranscript(text)) {
          await settled(platform, token)
          const lines = reading.inWordsOf(
            exchange.lines,
            await show(reading.filledIn(exchange.command), home),
          )
          assert.equal(written({ ...exchange, lines }), written(exchange))
        }
      })
    }
  })
}
