import assert from 'node:assert/strict'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FileSystems } from './file-systems.ts'

const isRoot = process.getuid?.() === 0
const identity = isRoot ? { uid: 700_002, gid: 700_002 } : null

/** Two layers, the second over the first. */
async function place(t: TestContext): Promise<{ home: string; layers: string[] }> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-files-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  const layers = [join(home, 'one'), join(home, 'two')]
  for (const layer of layers) {
    await mkdir(join(layer, 'app/bin'), { recursive: true })
    await writeFile(join(layer, 'app/which'), layer)
  }
  await symlink('bin', join(home, 'one/app/link'))
  return { home, layers }
}

test('without overlays a dyno gets a copy of its layers, the upper over the lower, as its own', async t => {
  const { home, layers } = await place(t)
  const files = await new FileSystems(join(home, 'host'), { hasMounts: false, hasOverlay: false }).create(
    'a',
    layers,
    identity,
  )
  assert.deepEqual(files, { home: join(home, 'host/files/a/app'), mounts: [] })
  assert.equal(await readFile(join(files.home, 'which'), 'utf8'), layers[1])
  assert.equal(await readlink(join(files.home, 'link')), 'bin')
  for (const path of ['', 'which', 'bin'])
    assert.equal((await stat(join(files.home, path))).uid, identity?.uid ?? process.getuid?.())
})

test('in a copy a thing replaces whatever the layer below has there, and only directories become one', async t => {
  const { home, layers } = await place(t)
  const kinds: Record<string, (path: string) => Promise<void>> = {
    directory: async path => {
      await mkdir(path)
      await writeFile(join(path, 'inside'), '')
    },
    file: path => writeFile(path, 'content'),
    link: path => symlink('which', path),
    dangling: path => symlink('nowhere', path),
  }
  const makers = Object.entries(kinds)
  for (const [lower, makeLower] of makers)
    for (const [upper, makeUpper] of makers) {
      await makeLower(join(layers[0] ?? '', 'app', `${upper}-over-${lower}`))
      await makeUpper(join(layers[1] ?? '', 'app', `${upper}-over-${lower}`))
    }
  await writeFile(join(layers[1] ?? '', 'app/directory-over-directory/more'), '')
  const files = await new FileSystems(join(home, 'host'), { hasMounts: false, hasOverlay: false }).create(
    'a',
    layers,
    identity,
  )
  for (const [lower] of makers) {
    const inside = await readdir(join(files.home, `directory-over-${lower}`))
    assert.deepEqual(inside.sort(), lower === 'directory' ? ['inside', 'more'] : ['inside'])
    assert.equal(await readFile(join(files.home, `file-over-${lower}`), 'utf8'), 'content')
    assert.equal(await readlink(join(files.home, `link-over-${lower}`)), 'which')
    assert.equal(await readlink(join(files.home, `dangling-over-${lower}`)), 'nowhere')
  }
  assert.equal(await readFile(join(files.home, 'which'), 'utf8'), layers[1])
})

test('with mounts but no overlays the copy is seen at /app', async t => {
  const { home, layers } = await place(t)
  const files = await new FileSystems(join(home, 'host'), { hasMounts: true, hasOverlay: false }).create(
    'a',
    layers,
    identity,
  )
  assert.equal(files.home, '/app')
  assert.deepEqual(
    files.mounts.map(mount => [mount.kind, mount.at]),
    [
      ['bind', '/app'],
      ['bind', '/tmp'],
    ],
  )
})

test('what is discarded is gone at once, and from the disk soon, whatever its permissions', async t => {
  const { home, layers } = await place(t)
  const fileSystems = new FileSystems(join(home, 'host'), { hasMounts: false, hasOverlay: false })
  const files = await fileSystems.create('a', layers, identity)
  await mkdir(join(files.home, 'locked/inner'), { recursive: true })
  await chmod(join(files.home, 'locked'), 0)
  fileSystems.discard('a')
  fileSystems.discard('a')
  assert.deepEqual(await readdir(join(home, 'host/files')), [])
  await fileSystems.settled()
  assert.deepEqual(await readdir(join(home, 'host/trash')), [])
})

test('what an earlier host left is removed', async t => {
  const { home, layers } = await place(t)
  const capabilities = { hasMounts: true, hasOverlay: true }
  await new FileSystems(join(home, 'host'), capabilities).create('a', layers, identity)
  await new FileSystems(join(home, 'host'), capabilities).discardAll()
  assert.deepEqual(await readdir(join(home, 'host/files')), [])
})
