import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { createAccount } from '../actions/accounts.ts'
import { createApp } from '../actions/create-app.ts'
import { destroyApp } from '../actions/destroy-app.ts'
import { Collector } from '../artifacts/collector.ts'
import type { App } from '../core/app.ts'
import { DEFAULT_RETENTION } from '../core/retention.ts'
import { days, hours, minutes } from '../core/time.ts'
import { gitEnvironment } from '../git/environment.ts'
import { readConfig } from './config.ts'
import { DiskWatch } from './disk.ts'
import { Stack } from './stack.ts'
import { openStorage } from './storage.ts'

const MB = 1_000_000

test('a cache that cannot be removed keeps nobody who builds from an answer, nor another from being removed', async t => {
  const place = await openPlace(t)
  await place.cache('stuck', days(3))
  await place.cache('older', days(2))
  await place.cache('newer', days(1))
  const disk = place.watch(await place.budget(-MB / 2))
  place.stuck.add('stuck')
  assert.equal(await disk.refusal(), undefined)
  assert.deepEqual(await place.caches(), ['newer', 'stuck'])
  await place.fill(3 * MB)
  for (let builds = 0; builds < 2; builds++)
    assert.match((await disk.refusal()) ?? '', /its budget is .*\. Nothing was built\./)
  assert.deepEqual(await place.caches(), ['stuck'])
  place.pass(minutes(1))
  await disk.refusal()
  assert.deepEqual(place.troubles, ['stuck: remove a build cache: EIO: i/o error'], 'told of once')
  place.stuck.clear()
  place.pass(minutes(1))
  await disk.refusal()
  assert.deepEqual(await place.caches(), [])
})

test('room is made again as soon as it is short again, unless that was just tried in vain', async t => {
  const place = await openPlace(t)
  await place.cache('older', days(2))
  await place.cache('newer', days(1))
  const disk = place.watch(await place.budget(-MB / 2))
  assert.equal(await disk.refusal(), undefined)
  await place.fill(MB)
  assert.equal(await disk.refusal(), undefined)
  assert.deepEqual(await place.caches(), [])
})

test('what builds have written so far counts for those that begin within the same minute', async t => {
  const place = await openPlace(t)
  const disk = place.watch(await place.budget(MB / 2))
  assert.equal(await disk.refusal(), undefined)
  await place.fill(MB)
  assert.match((await disk.refusal()) ?? '', /Nothing was built/)
})

test('whoever was refused and has made room is not refused any more', async t => {
  const place = await openPlace(t)
  const disk = place.watch(await place.budget(MB))
  const file = await place.fill(2 * MB)
  assert.match((await disk.refusal()) ?? '', /Nothing was built/)
  await rm(file)
  assert.equal(await disk.refusal(), undefined)
  const { used } = await disk.disk()
  await place.fill(MB / 2)
  assert.ok((await disk.disk()).used >= used + MB / 2, 'what a person is shown is as it is')
})

test('a cache that was not used for 30 days goes at the next look, whatever becomes of the others', async t => {
  const place = await openPlace(t)
  await place.cache('stuck', days(40))
  await place.cache('old', days(31))
  await place.cache('young', days(29))
  place.stuck.add('stuck')
  const disk = place.watch(null)
  await disk.look()
  assert.deepEqual(await place.caches(), ['stuck', 'young'])
  place.pass(days(1) + 1)
  place.stuck.clear()
  await disk.look()
  assert.deepEqual(await place.caches(), [])
})

test('a clock that was set makes no cache old, nor keeps one for longer', async t => {
  const place = await openPlace(t)
  await place.cache('used', days(1))
  await place.cache('noted by a clock that was ahead', days(-400))
  const disk = place.watch(null)
  await disk.look()
  place.wall += days(60)
  await disk.look()
  assert.deepEqual(await place.caches(), ['noted by a clock that was ahead', 'used'])
  for (let hour = 0; hour < 24; hour++) {
    place.pass(hours(1))
    await disk.look()
  }
  assert.deepEqual(await place.caches(), [])
})

test('a repository that is damaged keeps no other from being compacted', async t => {
  const place = await openPlace(t)
  const { ledger, repositories } = place.storage
  const by = await createAccount(ledger, { email: 'ann@example.com', isOwner: false })
  const ids: string[] = []
  for (const name of ['a-damaged', 'b-sound', 'c-without']) {
    const { id } = await createApp(ledger, by, { name, random: () => 0 })
    ids.push(id)
    if (name !== 'c-without') await twoPacks(await repositories.open(id))
  }
  const [damaged = '', sound = ''] = ids
  await rm(join(repositories.path(damaged), 'HEAD'))
  await place.watch(null).compact()
  assert.equal((await packs(repositories.path(sound))).length, 1)
  assert.equal(place.troubles.length, 1)
  assert.match(
    place.troubles.join(),
    new RegExp(`^${damaged}: compact a repository: git gc .*not a git repository`),
  )
})

test('an app that is destroyed while it is measured what apps take is left out', async t => {
  const place = await openPlace(t)
  const { ledger } = place.storage
  const by = await createAccount(ledger, { email: 'ann@example.com', isOwner: false })
  const apps: App[] = []
  for (const name of ['stand', 'shop']) apps.push(await createApp(ledger, by, { name, random: () => 0 }))
  const [destroyed, left] = apps
  await destroyApp(ledger, by, destroyed?.id ?? '')
  const measured = await place.watch(null).apps(apps)
  assert.deepEqual(
    measured.map(({ appId }) => appId),
    [left?.id],
  )
})

/** A data directory, with clocks that only move when they are told to. */
async function openPlace(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-disk-watch-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const parts = new Stack()
  t.after(() => parts.unwind())
  const storage = await openStorage(readConfig(['--data-dir', directory], {}), parts)
  const { paths } = storage
  // So much that the tests are near their budgets all the time: otherwise what others do on this disk would matter.
  await writeFile(join(directory, 'much'), '')
  await truncate(join(directory, 'much'), 20 * MB)
  let files = 0
  const place = {
    storage,
    wall: Date.now(),
    monotonic: 0,
    troubles: [] as string[],
    /** Caches that the file system does not let go. */
    stuck: new Set<string>(),
    pass(time: number): void {
      place.wall += time
      place.monotonic += time
    },
    /** 1 MB. */
    async cache(appId: string, unusedFor: number): Promise<void> {
      await mkdir(join(paths.caches, appId), { recursive: true })
      await writeFile(join(paths.caches, appId, 'file'), Buffer.alloc(MB))
      const at = new Date(place.wall - unusedFor)
      await utimes(join(paths.caches, appId), at, at)
    },
    caches: async () => (await readdir(paths.caches)).sort(),
    /** Writes what no cache is, as a build does that runs. */
    async fill(bytes: number): Promise<string> {
      await mkdir(paths.builds, { recursive: true })
      const file = join(paths.builds, `${files++}`)
      await writeFile(file, Buffer.alloc(bytes))
      return file
    },
    /** So many bytes more than what is there. */
    budget: async (more: number) => (await place.watch(null).disk()).used + more,
    watch: (budget: number | null) =>
      new DiskWatch({
        ...{ storage, collector, budget, ...troubling },
        clock: () => place.wall,
        monotonic: () => place.monotonic,
        dropBuildCache: async appId => {
          if (place.stuck.has(appId)) throw new Error('EIO: i/o error')
          return storage.caches.drop(appId)
        },
      }),
  }
  const troubling = {
    onTrouble: ({ appId, doing, error }: { appId?: string; doing: string; error: unknown }) =>
      void place.troubles.push(`${appId}: ${doing}: ${(error as Error).message}`),
  }
  const collector = new Collector({
    ...{ ...storage, ...troubling, retention: { policy: DEFAULT_RETENTION, settings: {} } },
    clock: () => place.wall,
    monotonic: () => place.monotonic,
  })
  parts.push(() => collector.close())
  return place
}

/** Makes a repository have two packs, and find that one too many. */
async function twoPacks(path: string): Promise<void> {
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: path, env: gitEnvironment() })
  const { stdout: tree } = await git('hash-object', '-w', '-t', 'tree', '/dev/null')
  for (const message of ['First', 'Second']) {
    const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
    const { stdout: commit } = await git(...identity, 'commit-tree', '-m', message, tree.trim())
    await git('update-ref', `refs/heads/${message}`, commit.trim())
    await git('repack', '-d', '--quiet')
  }
  await git('config', 'gc.autoPackLimit', '1')
  assert.equal((await packs(path)).length, 2)
}

async function packs(path: string): Promise<string[]> {
  return (await readdir(join(path, 'objects', 'pack'))).filter(name => name.endsWith('.pack'))
}
