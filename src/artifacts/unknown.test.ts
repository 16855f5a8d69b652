import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hours } from '../core/time.ts'
import { UnknownImages } from './unknown.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

async function place(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-unknown-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return join(directory, 'unknown.json')
}

test('the time for which an image was unknown goes on after a restart, without the time between', async t => {
  const file = await place(t)
  const before = new UnknownImages(file)
  assert.deepEqual(await before.look([DIGEST], hours(100)), [])
  await before.save(hours(120))
  const after = new UnknownImages(file)
  assert.deepEqual(await after.look([DIGEST], hours(1)), [])
  assert.deepEqual(await after.look([DIGEST], hours(4.9)), [])
  assert.deepEqual(await after.look([DIGEST], hours(5)), [DIGEST])
})

test('what was known in between begins anew', async t => {
  const images = new UnknownImages(await place(t))
  await images.look([DIGEST], 0)
  await images.look([], hours(1))
  await images.look([DIGEST], hours(2))
  assert.deepEqual(await images.look([DIGEST], hours(25.9)), [])
  assert.deepEqual(await images.look([DIGEST], hours(26)), [DIGEST])
})

test('what is damaged on disk keeps images for longer, and nobody from looking', async t => {
  const file = await place(t)
  for (const content of ['', '{', 'null', '7', `{"${DIGEST}":"long"}`, `{"${DIGEST}":-1}`]) {
    await writeFile(file, content)
    const images = new UnknownImages(file)
    assert.deepEqual(await images.look([DIGEST], hours(9)), [], content)
    assert.deepEqual(await images.look([DIGEST], hours(33)), [DIGEST], content)
  }
})
