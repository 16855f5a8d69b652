import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { gitEnvironment } from './environment.ts'
import { Repositories } from './repository.ts'

const run = promisify(execFile)
const APP = 'an-app'
const ALWAYS = { signal: new AbortController().signal, prunes: true }

test('many small files become one pack when it is worth it, and not before', async t => {
  const { repositories, path, push } = await openRepository(t)
  await push({ few: 'files' })
  await repositories.compact(APP, ALWAYS)
  assert.deepEqual(await packs(path), [])
  const commit = await push(manyFiles(0))
  await repositories.compact(APP, ALWAYS)
  assert.equal((await packs(path)).length, 1)
  assert.equal(existsSync(join(path, 'objects', '17')), false)
  assert.equal(await head(path), commit)
  assert.equal(await repositories.commitsAfter(APP, commit), 0)
})

test('what nothing refers to goes after two weeks, but not while the clock is not to be trusted', async t => {
  const { repositories, path, push } = await openRepository(t)
  await push(manyFiles(0))
  const object = String(
    await git(path, ['hash-object', '-w', '--stdin'], 'of a history that was rewritten'),
  ).trim()
  const file = join(path, 'objects', object.slice(0, 2), object.slice(2))
  const monthAgo = new Date(Date.now() - 30 * 86_400_000)
  await utimes(file, monthAgo, monthAgo)
  await repositories.compact(APP, { ...ALWAYS, prunes: false })
  assert.equal((await packs(path)).length, 1)
  assert.ok(existsSync(file))
  await push(manyFiles(1))
  await repositories.compact(APP, ALWAYS)
  assert.equal(existsSync(file), false)
})

test('a compaction that is ended leaves no program of git running, and the next one does it', async t => {
  const { repositories, path, push } = await openRepository(t)
  const commit = await push(manyFiles(0))
  const abort = new AbortController()
  const still = await standstill(t, path)
  const compacting = repositories.compact(APP, { ...ALWAYS, signal: abort.signal })
  await still.reached()
  abort.abort()
  await compacting
  await still.left()
  await still.end()
  await repositories.compact(APP, ALWAYS)
  assert.equal((await packs(path)).length, 1)
  assert.equal(await head(path), commit)
})

test('a repository that is removed while it is compacted goes as a whole, and is not compacted again', async t => {
  const { repositories, path, push } = await openRepository(t)
  await push(manyFiles(0))
  const still = await standstill(t, path)
  const compacting = repositories.compact(APP, ALWAYS)
  await still.reached()
  await repositories.remove(APP)
  await still.left()
  await compacting
  assert.equal(existsSync(path), false)
  await mkdir(path)
  await repositories.compact(APP, ALWAYS)
})

test('a push that arrives while its repository is compacted is taken, and does not wait for that', async t => {
  const { repositories, path, push } = await openRepository(t)
  await push(manyFiles(0))
  const asked = join(path, 'asked')
  await run('mkfifo', [asked])
  await writeFile(join(path, 'hooks', 'pre-auto-gc'), `#!/bin/sh\nread -r word < '${asked}'\n`, {
    mode: 0o755,
  })
  const compacting = repositories.compact(APP, ALWAYS)
  await using hook = await open(asked, 'w')
  const commit = await push(manyFiles(1))
  await hook.write('go on\n')
  await compacting
  assert.equal((await packs(path)).length, 1)
  assert.equal(await head(path), commit)
  assert.equal(existsSync(join(path, 'objects', '17')), false)
})

test('a repository is measured while the objects of a push come and go in it', async t => {
  const { repositories, path, push } = await openRepository(t)
  await push(manyFiles(0))
  const bytes = await repositories.size(APP)
  const quarantine = join(path, 'objects', 'tmp_objdir-incoming-Xy12ab')
  let isOver = false
  const pushing = (async () => {
    while (!isOver) {
      await mkdir(join(quarantine, '4b'), { recursive: true })
      await rm(quarantine, { recursive: true })
    }
  })()
  let least = bytes
  for (let looks = 0; looks < 100; looks++) least = Math.min(least, await repositories.size(APP))
  isOver = true
  await pushing
  assert.equal(least, bytes)
})

test('of a repository that is damaged it is told what git says', async t => {
  const { repositories, path } = await openRepository(t)
  await rm(join(path, 'HEAD'))
  await assert.rejects(
    repositories.compact(APP, ALWAYS),
    /^Error: git gc of .*an-app\.git ended with 128: fatal: not a git repository/,
  )
})

/** An app's repository, and a way to push files to it, as git does over HTTP. */
async function openRepository(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-repositories-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const repositories = new Repositories(join(directory, 'git'))
  const path = await repositories.open(APP)
  const work = join(directory, 'work')
  await mkdir(work)
  await git(work, ['init', '--quiet', '--initial-branch=main'])
  let before = '0'.repeat(40)

  async function push(files: Readonly<Record<string, string>>): Promise<string> {
    for (const [name, content] of Object.entries(files)) await writeFile(join(work, name), content)
    await git(work, ['add', '--all'])
    const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
    await git(work, [...identity, 'commit', '--quiet', '--message', 'More'])
    const after = await head(work)
    const wanted = before.startsWith('000') ? after : `${after}\n^${before}`
    const pack = await git(work, ['pack-objects', '--quiet', '--stdout', '--revs'], `${wanted}\n`)
    const line = `${before} ${after} refs/heads/main\0report-status\n`
    const length = (line.length + 4).toString(16).padStart(4, '0')
    const response = new PassThrough()
    const answered = text(response)
    const body = Readable.from([Buffer.from(`${length}${line}0000`), pack])
    await repositories.receive({ repository: path, body, response }, async () => true)
    assert.match(await answered, /unpack ok\n.*ok refs\/heads\/main\n/s)
    before = after
    return after
  }
  return { repositories, path, push }
}

/** More objects in one of git's 256 directories than it lets be: it counts those of this one. */
function manyFiles(seed: number): Record<string, string> {
  const files: Record<string, string> = {}
  for (let i = 0; Object.keys(files).length < 30; i++) {
    const content = `${seed} ${i}`
    const id = createHash('sha1').update(`blob ${content.length}\0${content}`).digest('hex')
    if (id.startsWith('17')) files[content] = content
  }
  return files
}

/** Has a compaction stop in its middle: a program it starts waits for the end of a list that somebody writes. */
async function standstill(t: TestContext, path: string) {
  const list = join(path, 'shallow')
  await run('mkfifo', [list])
  return {
    reached: async (): Promise<void> => {
      const writer = await open(list, 'w')
      t.after(() => writer.close())
    },
    /** Whoever ends closes one file after another. */
    left: async (): Promise<void> => {
      for (;;) {
        const writer = await open(list, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined)
        if (!writer) return
        await writer.close()
      }
    },
    end: () => rm(list),
  }
}

async function git(directory: string, args: readonly string[], input = ''): Promise<Buffer> {
  const running = run('git', [...args], { cwd: directory, env: gitEnvironment(), encoding: 'buffer' })
  // Some read none of it.
  running.child.stdin?.on('error', () => {}).end(input)
  return (await running).stdout
}

async function head(directory: string): Promise<string> {
  return String(await git(directory, ['rev-parse', 'HEAD'])).trim()
}

async function packs(path: string): Promise<string[]> {
  return (await readdir(join(path, 'objects', 'pack'))).filter(name => name.endsWith('.pack'))
}
