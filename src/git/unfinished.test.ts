import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { removeUnfinished } from './unfinished.ts'

test('objects of pushes that were cut off go, those that were accepted stay', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-git-'))
  t.after(() => rm(directory, { recursive: true }))
  const objects = join(directory, 'app.git', 'objects')
  for (const name of ['4b', 'pack', 'tmp_objdir-incoming-Xy12ab/4b'])
    await mkdir(join(objects, name), { recursive: true })
  await writeFile(join(objects, 'tmp_objdir-incoming-Xy12ab', '4b', '825dc6'), 'an object')
  await mkdir(join(directory, 'other.git.new'))

  await removeUnfinished(directory)

  assert.deepEqual((await readdir(objects)).sort(), ['4b', 'pack'])
  assert.deepEqual(await readdir(directory), ['app.git'])
})
