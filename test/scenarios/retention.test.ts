import assert from 'node:assert/strict'
import { access, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tar } from '../contracts/image-archive.ts'
import { TestApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

const environment: Record<string, string> = { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2' }

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({ environment })
})

after(() => platform?.[Symbol.asyncDispose]())

test('a small policy destroys what it no longer keeps, on disk too, and never what it must keep', async () => {
  await using repository = await TestRepository.of('procfile-only')
  const app = await deployed('kept', repository, 5)
  // A new server has no sweep before it that a deploy asked for, and this one comes after its first.
  await platform.crash()
  await platform.restart()
  assert.equal((await app.call('POST', '/actions/sweep', {})).body.artifacts, 0)
  assert.equal((await images()).length, 5)
  const pin = await app.call('POST', '/releases/2/actions/pin', { reason: 'audit' })
  assert.deepEqual([pin.status, pin.body.pinned, pin.body.pin.reason], [200, true, 'audit'])

  const policy = await app.call('PATCH', '/retention-policy', { releases: 2 })
  assert.deepEqual(policy.body.effective, { days: 30, releases: 2, rule: 'any' })
  assert.deepEqual([policy.body.days, policy.body.releases, policy.body.age_counts], [null, 2, true])
  const refused = await app.call('PATCH', '/retention-policy', { days: 0 })
  assert.deepEqual(
    [refused.status, refused.body.message],
    [422, 'Retention days is 0; expected a whole number from 1 to 36500.'],
  )

  const before = (await diskOf(app)).reclaimable
  const dry = await app.call('POST', '/actions/sweep', { dry_run: true })
  assert.deepEqual(
    dry.body.releases.map((each: { version: number; verdict: string }) => `v${each.version} ${each.verdict}`),
    ['v6 kept', 'v5 kept', 'v4 expired', 'v3 expired', 'v2 kept', 'v1 kept'],
  )
  assert.equal(dry.body.bytes, before)
  assert.ok(before > 0)
  assert.equal((await images()).length, 5, 'nothing was destroyed')

  const swept = await app.call('POST', '/actions/sweep', { dry_run: false })
  assert.deepEqual([swept.status, swept.body.bytes, swept.body.artifacts], [200, before, 2])
  assert.equal((await images()).length, 3)
  assert.deepEqual(await app.history(), [
    ...['v6 succeeded', 'v5 succeeded', 'v4 expired', 'v3 expired', 'v2 succeeded', 'v1 succeeded'],
  ])
  assert.equal((await diskOf(app)).reclaimable, 0)
  const back = await app.call('POST', '/releases', { release: '3' })
  assert.equal(back.status, 422)
  assert.match(
    back.body.message,
    /^Cannot roll back to v3\. Release v3 has expired: not among the newest 2 \(on \d{4}-\d\d-\d\d\), and its artifact/,
  )
  const again = await app.call('POST', '/releases/3/actions/pin', { reason: 'too late' })
  assert.match(again.body.message, /^Cannot pin v3\. Release v3 has expired/)
  const pinned = await app.call('POST', '/releases', { release: '2' })
  assert.equal(pinned.status, 201)
  await app.becomes(7, 'succeeded')
  const log = await app.log()
  assert.ok(log.includes('app[api]: Pin release v2: audit by user owner@localhost'), log.join('\n'))
  assert.ok(log.includes('app[api]: Expired 2 releases (v3 to v4) by the retention policy'), log.join('\n'))
})

test('a release that succeeds is followed by a sweep of its app', async () => {
  await using repository = await TestRepository.of('procfile-only')
  const app = await TestApp.create(platform, 'followed')
  await app.call('PATCH', '/retention-policy', { releases: 1 })
  for (let deploys = 0; deploys < 2; deploys++) await deploy(app, repository, deploys)
  await app.becomes(2, 'expired')
})

test('what a crash left between the record and the bytes goes at the next start; age is counted from the releases', async () => {
  await using repository = await TestRepository.of('procfile-only')
  const app = await deployed('crashed', repository, 3)
  const count = (await images()).length
  await platform.crash()
  const ledger = new DatabaseSync(join(platform.dataDir, 'ledger.db'))
  try {
    const release = `app_id = '${app.id}' and version = 2`
    ledger.exec(`
      update releases set status = 'expired', reason = 'as if swept' where ${release};
      update artifacts set deleted_at = 1 where id = (select artifact_id from releases where ${release});
      drop trigger releases_are_identified;
      update releases set created_at = created_at - 31 * 86400000 where app_id = '${app.id}' and version = 3`)
  } finally {
    ledger.close()
  }
  await platform.restart()
  await app.becomes(3, 'expired')
  await eventually('the bytes are gone', async () => (await images()).length === count - 2 || undefined)
  const [, , third] = await app.releases()
  assert.match(third?.reason ?? '', /^older than 30 days \(since \d{4}-\d\d-\d\d\), and its artifact/)
  assert.equal((await app.visit()).status, 200, 'what is live goes on')
})

test('a place that nobody sends anything to keeps no bytes, and is forgotten: with its app, or after a day', async () => {
  const waiting = await TestApp.create(platform, 'waiting')
  const doomed = await TestApp.create(platform, 'doomed')
  const [late, orphaned, sent] = [await openSlug(waiting), await openSlug(doomed), await openSlug(doomed)]
  const before = new Set(await images())
  assert.equal((await put(sent, await slug())).status, 200)
  const stored = (await images()).filter(name => !before.has(name))
  assert.equal(stored.length, 1)
  assert.equal((await doomed.call('DELETE', '')).status, 200)
  await waiting.call('POST', '/actions/sweep', {})
  assert.deepEqual(
    (await images()).filter(name => stored.includes(name)),
    [],
  )
  assert.equal((await put(orphaned, await slug())).status, 404)

  await platform.crash()
  const ledger = new DatabaseSync(join(platform.dataDir, 'ledger.db'))
  ledger.exec('update uploads set created_at = created_at - 25 * 3600000')
  ledger.close()
  await platform.restart()
  assert.equal((await put(late, await slug())).status, 404)
})

test('above the budget caches go, and then builds are refused in a sentence', async () => {
  await using repository = await TestRepository.of('procfile-only')
  const app = await deployed('squeezed', repository, 1)
  const cached = join(platform.dataDir, 'caches', app.id, 'dependencies')
  await writeFile(cached, 'x'.repeat(2000))
  await platform.stop()
  environment.TIDEMARK_DISK_BUDGET = '0.001MB'
  await platform.restart()
  await repository.write('more.txt', 'more')
  await repository.commit('More')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 1)
  assert.match(
    stderr,
    /The platform takes [\d.]+ [kMG]B on disk, and its budget is 1 kB\. Nothing was built\./,
  )
  assert.match(stderr, /tidemark disk/)
  assert.match(stderr, /tidemark retention:set releases=20/)
  const build = await app.call('POST', '/builds', { source_blob: { url: 'http://127.0.0.1:1/x.tgz' } })
  assert.deepEqual([build.status, build.body.id], [503, 'service_unavailable'])
  await assert.rejects(access(cached), { code: 'ENOENT' })
  const visit = await eventually('the app answers', async () => {
    const answer = await app.visit()
    return answer.status === 200 ? answer : undefined
  })
  assert.equal(visit.status, 200)
})

async function deployed(name: string, repository: TestRepository, deploys: number): Promise<TestApp> {
  const app = await TestApp.create(platform, name)
  for (let number = 0; number < deploys; number++) await deploy(app, repository, number)
  // What a dyno runs is kept, also while it ends.
  await eventually('only the last of them runs', async () => {
    const dynos = await app.dynos()
    return dynos.every(({ release }) => release.version === deploys + 1) || undefined
  })
  return app
}

async function deploy(app: TestApp, repository: TestRepository, number: number): Promise<void> {
  await repository.write('number.txt', `${app.name} ${number}`)
  await repository.commit(`Number ${number}`)
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
}

/** Makes a place for a slug of the app; answers its URL. */
async function openSlug(app: TestApp): Promise<string> {
  const made = await app.call('POST', '/slugs', { process_types: { web: 'true' } })
  assert.equal(made.status, 201)
  return made.body.blob.url
}

async function slug(): Promise<Buffer> {
  return gzipSync(await tar([{ name: 'app/file', content: 'of a slug' }]))
}

function put(url: string, body: Buffer): Promise<Response> {
  const there = new URL(url)
  // Another one after a restart.
  there.port = new URL(platform.endpoints.api).port
  return fetch(there, { method: 'PUT', body: new Uint8Array(body), signal: AbortSignal.timeout(60_000) })
}

/** Names of the images that are stored. */
function images(): Promise<string[]> {
  return readdir(join(platform.dataDir, 'artifacts', 'images'))
}

async function diskOf(app: TestApp): Promise<{ reclaimable: number }> {
  const response = await fetch(`${platform.endpoints.api}/disk?app=${app.name}`, {
    headers: { authorization: `Bearer ${platform.token}` },
  })
  const { apps } = (await response.json()) as { apps: { reclaimable: number }[] }
  const [own] = apps
  assert.ok(own)
  return own
}
