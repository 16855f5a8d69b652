import assert from 'node:assert/strict'
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { diskBytes } from './disk-bytes.ts'

test('bytes on the disk are those of files, each once, wherever links lead', async () => {
  const place = await mkdtemp(join(tmpdir(), 'tidemark-bytes-'))
  try {
    const tree = join(place, 'tree')
    await mkdir(join(tree, 'deep/deeper'), { recursive: true })
    await writeFile(join(place, 'outside'), 'x'.repeat(1000))
    await writeFile(join(tree, 'a'), 'a'.repeat(10))
    await link(join(tree, 'a'), join(tree, 'deep/b'))
    await writeFile(join(tree, 'deep/deeper/c'), 'c'.repeat(5))
    for (const [name, target] of [
      ['up', '..'],
      ['all', '/'],
      ['gone', 'x'],
    ] as const)
      await symlink(target, join(tree, name))
    assert.equal(await diskBytes(tree), 15 + 2 + 1 + 1)
    assert.equal(await diskBytes(join(place, 'none')), 0)
  } finally {
    await rm(place, { recursive: true })
  }
})
