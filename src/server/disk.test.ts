import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig } from './config.ts'
import { DiskWatch } from './disk.ts'
import { startCollector } from './retention.ts'
import { Stack } from './stack.ts'
import { openStorage } from './storage.ts'

test('a cache that cannot be removed keeps nobody who builds from an answer', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-disk-watch-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const parts = new Stack()
  t.after(() => parts.unwind())
  const config = readConfig(['--data-dir', directory], {})
  const storage = await openStorage(config, parts)
  const cache = join(storage.paths.caches, 'of-an-app')
  await mkdir(cache, { recursive: true })
  await writeFile(join(cache, 'file'), Buffer.alloc(1000))
  const disk = new DiskWatch({
    ...{ storage, collector: startCollector(storage, { config, parts }), budget: 1 },
    purgeBuildCache: async () => {
      throw new Error('EIO: i/o error')
    },
  })
  for (let builds = 0; builds < 2; builds++)
    assert.match((await disk.refusal()) ?? '', /its budget is 1 kB\. Nothing was built\./)
})
