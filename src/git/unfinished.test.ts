import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { gitEnvironment } from './environment.ts'
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

test('what a git that was killed held and wrote keeps nothing from being pushed or compacted', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-git-'))
  t.after(() => rm(directory, { recursive: true }))
  const repository = join(directory, 'app.git')
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['--git-dir', repository, ...args], { env: gitEnvironment() })
  await git('init', '--quiet', '--bare', '--initial-branch=main')
  const { stdout: tree } = await git('hash-object', '-w', '-t', 'tree', '/dev/null')
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
  const { stdout: commit } = await git(...identity, 'commit-tree', '-m', 'First', tree.trim())
  await git('update-ref', 'refs/heads/gc.pid', commit.trim())
  const locks = ['gc.pid.lock', 'HEAD.lock', 'packed-refs.lock', 'refs/heads/main.lock']
  const packs = ['tmp_pack_Xy12ab', '.tmp-123-pack-4b825dc6.pack'].map(name => `objects/pack/${name}`)
  for (const name of [...locks, ...packs]) await writeFile(join(repository, name), 'half of it')
  // As the last one to have compacted: this very process, which will go on for long.
  await writeFile(join(repository, 'gc.pid'), `${process.pid} ${hostname()}`)

  await removeUnfinished(directory)

  await git('update-ref', 'refs/heads/main', commit.trim())
  await git('update-ref', '-d', 'refs/heads/gc.pid', commit.trim())
  await git('gc', '--quiet')
  const left = await readdir(join(repository, 'objects', 'pack'))
  assert.deepEqual(
    left.filter(name => !name.startsWith('pack-')),
    [],
  )
})
