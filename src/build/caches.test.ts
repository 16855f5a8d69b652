import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { BuildCaches } from './caches.ts'

async function openCaches(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-caches-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return { directory, caches: new BuildCaches(directory) }
}

test('a cache in which a build works is not dropped to make room', async t => {
  const { directory, caches } = await openCaches(t)
  await caches.use('app', async cache => {
    await writeFile(join(cache, 'file'), '')
    assert.equal(await caches.drop('app'), false)
    assert.deepEqual(await readdir(cache), ['file'])
  })
  assert.equal(await caches.drop('app'), true)
  assert.deepEqual(await readdir(directory), [])
})

test('a build that begins while its cache is removed has one of its own', async t => {
  const { directory, caches } = await openCaches(t)
  for (let name = 0; name < 100; name++)
    await mkdir(join(directory, 'app', `${name}`, 'deep'), { recursive: true })
  const dropping = caches.drop('app')
  await caches.use('app', cache => writeFile(join(cache, 'file'), ''))
  assert.equal(await dropping, true)
  assert.deepEqual(await readdir(join(directory, 'app')), ['file'])
})
