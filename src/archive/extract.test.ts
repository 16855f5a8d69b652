import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { pack } from 'tar-stream'
import { extractTar } from './extract.ts'
import type { ExtractLimits } from './shape.ts'

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
  // Of the tar: a header and a file, each of a whole block, and two blocks at the end.
  const bytes = 20 * 1024 + 1024
  await extract({ entries: 21, bytes })
  await assert.rejects(extract({ entries: 20, bytes }), /more than 20 entries/)
  await assert.rejects(extract({ entries: 21, bytes: bytes - 1 }), /larger than 0 MB unpacked/)
})

test('unpacking stops when it is told to, however far it is', async () => {
  const archive = pack()
  for (let i = 0; i < 20; i++) archive.entry({ name: `file-${i}` }, 'x'.repeat(1000))
  archive.finalize()
  const whole = await buffer(archive)
  const stop = new AbortController()
  const parts = [whole.subarray(0, 10_000)]
  const tar = new Readable({
    read() {
      const part = parts.shift()
      if (part) this.push(part)
      else stop.abort()
    },
  })
  const into = await mkdtemp(join(tmpdir(), 'tidemark-extract-'))
  const stopped = extractTar(tar, {
    into,
    limits: { entries: 100, bytes: 1e6 },
    checkLinks: true,
    signal: stop.signal,
  })
  await assert.rejects(stopped, { name: 'AbortError' })
  assert.equal(tar.destroyed, true)
  await rm(into, { recursive: true })
})
