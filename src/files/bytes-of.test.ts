import assert from 'node:assert/strict'
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesOf } from './bytes-of.ts'

test('files below a path are counted, each once whatever its names', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-bytes-'))
  t.after(() => rm(directory, { recursive: true }))
  const [first, second] = [join(directory, 'first'), join(directory, 'second')]
  for (const each of [first, second]) await mkdir(each)
  await writeFile(join(first, 'file'), Buffer.alloc(1000))
  await link(join(first, 'file'), join(first, 'again'))
  await link(join(first, 'file'), join(second, 'file'))
  await writeFile(join(second, 'other'), Buffer.alloc(200))
  await symlink('/etc', join(second, 'etc'))
  const linkBytes = '/etc'.length
  assert.equal(await bytesOf(directory), 1200 + linkBytes)
  assert.equal(await bytesOf(second), 1200 + linkBytes)
  assert.equal(await bytesOf(join(second, 'other')), 200)
  assert.equal(await bytesOf(join(directory, 'nothing')), 0)
})
