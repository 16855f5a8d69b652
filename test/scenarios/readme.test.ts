import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/platform.ts'
import { replay } from '../transcripts/replay.ts'

test("README's first deploy is what happens", async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const [, block = ''] =
    /<!-- replayed by test\/scenarios\/readme\.test\.ts -->\n((?: {4}.*\n)+)/.exec(readme) ?? []
  assert.match(block, /git push tidemark main/)
  const transcript = block
    .replaceAll(/^ {4}/gm, '')
    .replaceAll('localhost:8080', 'localhost:{port}')
    .replaceAll('localhost:5443', 'localhost:{port}')
    .replaceAll(/\d+ seconds? ago/g, '{ago}')
    .replaceAll(/\d+(\.\d+)?kB/g, '{size}')
    .replaceAll(/Deploy [0-9a-f]{7}/g, 'Deploy {hash1}')
  await replay(
    `The first deploy.\n\n$ git init --quiet && git add --all && git commit --quiet --message 'First'\n${transcript}`,
  )
})
