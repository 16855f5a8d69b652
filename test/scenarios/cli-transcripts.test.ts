import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ROOT } from '../support/platform.ts'
import { replay } from '../transcripts/replay.ts'

const TRANSCRIPTS = join(ROOT, 'test', 'transcripts')

describe('the command line does what its transcripts show', async () => {
  const files = (await readdir(TRANSCRIPTS)).filter(file => file.endsWith('.txt')).sort()
  for (const file of files) {
    test(file, async () => replay(await readFile(join(TRANSCRIPTS, file), 'utf8')))
  }
})
