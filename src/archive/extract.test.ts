import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { pack } from 'tar-stream'
import { type ExtractLimits, extractTar } from './extract.ts'

async function extract(limits: ExtractLimits): Promise<void> {
  const archive = pack()
  for (let i = 0; i < 20; i++) archive.entry({ name: `directory/file-${i}` }, 'x'.repeat(100))
  archive.finalize()
  const into = await mkdtemp(join(tmpdir(), 'tidemark-extract-'))
  try {
    const tar = Readable.from([await buffer(archive)])
    await extractTar(tar, { into, limits, checkLinks: true, signal: new AbortController().signal })
  } finally {
    await rm(into, { recursive: true })
  }
}

test('an archive may hold as many entries and bytes as the limits say, and not one more', async () => {
  await extract({ entries: 21, bytes: 2000 })
  await assert.rejects(extract({ entries: 20, bytes: 2000 }), /more than 20 entries/)
  await assert.rejects(extract({ entries: 21, bytes: 1999 }), /larger than 0 MB unpacked/)
})
