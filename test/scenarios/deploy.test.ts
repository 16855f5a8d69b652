import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { call, TestApp, Traffic } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { type CommandResult, TestRepository } from '../support/repository.ts'

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({
    environment: { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2' },
  })
})

after(() => platform?.[Symbol.asyncDispose]())

test('a push makes a release and says so, word for word', async () => {
  const app = await TestApp.create(platform, 'severe-mountain-793')
  await using repository = await TestRepository.of('moody')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
  assert.deepEqual(remoteLines(stderr), [
    '-----> Building on the Tidemark-1 stack',
    '-----> Determining which buildpack to use for this app',
    '-----> Procfile app detected',
    '       Nothing to build: the app runs as it is, with the programs of the stack',
    '-----> Discovering process types',
    '       Procfile declares types     -> web, worker',
    '-----> Compressing... done, SIZE',
    '-----> Launching... done, v2',
    `       http://severe-mountain-793.localhost:${new URL(platform.endpoints.router).port} deployed to Tidemark`,
    '',
  ])
  const commit = (await repository.git('rev-parse', 'HEAD')).stdout.trim()
  assert.deepEqual(
    (await app.releases()).map(release => [release.version, release.description, release.status]),
    [
      [1, 'Initial release', 'succeeded'],
      [2, `Deploy ${commit.slice(0, 7)}`, 'succeeded'],
    ],
  )
  assert.equal((await app.self()).release, 'v2')

  await app.setConfig({ GREETING: 'hello' })
  await app.becomes(3, 'succeeded')
  assert.equal((await app.self()).greeting, 'hello')
  await app.setConfig({ GREETING: 'farewell' })
  await app.becomes(4, 'succeeded')

  const back = await app.call('POST', '/releases', { release: await app.releaseId(3) })
  assert.equal(back.status, 201)
  assert.equal(back.body.description, 'Rollback to v3')
  await app.becomes(5, 'succeeded')
  assert.deepEqual(await app.self().then(self => [self.release, self.greeting]), ['v5', 'hello'])
  const current = (await app.releases()).filter(release => release.current)
  assert.deepEqual(
    current.map(release => release.version),
    [5],
  )

  const refs = (await repository.git('ls-remote', repository.url(platform, app.name))).stdout
  assert.match(
    refs,
    new RegExp(`^${commit}\\s+refs/heads/main$`, 'm'),
    'a rollback leaves the repository alone',
  )
})

test('a release that does not come up rejects the push, and the one before serves on', async () => {
  const app = await TestApp.create(platform, 'never-up')
  await using repository = await TestRepository.of('moody')
  await app.call('PATCH', '', { settings: { boot_timeout: 2 } })
  await accepted(repository.push(platform, app.name))
  await using traffic = new Traffic(app, 2)

  await app.setConfig({ MOOD: 'crash' })
  await app.becomes(3, 'failed')
  assert.equal((await app.self()).release, 'v2')

  // The failed change is in no later release: the same push works once its own cause is gone.
  const first = await repository.git('rev-parse', 'HEAD')
  await repository.write('Procfile', 'web: node server.mjs && exit 1\n')
  await repository.write('server.mjs', 'process.exit(3)\n')
  const broken = await repository.commit('Break it')
  const rejected = await repository.push(platform, app.name)
  assert.equal(rejected.status, 1)
  assert.deepEqual(remoteLines(rejected.stderr).slice(-6), [
    '-----> Compressing... done, SIZE',
    '-----> Launching... failed, v4',
    '',
    ' !     Release v4 failed: web.1 exited with status 3 before it listened on $PORT; v2 is still serving.',
    ' !     Push rejected: the branch did not move, so that the same commit can be pushed again.',
    '',
  ])
  assert.match(rejected.stderr, /\[remote rejected\] main -> main \(pre-receive hook declined\)/)
  const remote = await repository.git('ls-remote', repository.url(platform, app.name), 'main')
  assert.equal(remote.stdout.split(/\s/)[0], first.stdout.trim(), 'the branch did not move')
  assert.notEqual(broken, first.stdout.trim())

  assert.ok(traffic.count > 0)
  await traffic.more(10)
  assert.deepEqual(traffic.failures, [])
})

test('a commit that fails because of a config var deploys once that is unset', async () => {
  const app = await TestApp.create(platform, 'mute-at-first')
  await using repository = await TestRepository.of('moody')
  await app.call('PATCH', '', { settings: { boot_timeout: 2 } })
  await app.setConfig({ MOOD: 'mute' })
  const rejected = await repository.push(platform, app.name)
  assert.equal(rejected.status, 1)
  assert.match(rejected.stderr, /Release v3 failed: web\.1 did not listen on \$PORT within 2 s \(R10\)\./)
  assert.match(rejected.stderr, /Push rejected: the branch did not move/)
  const log = (await app.log()).join('\n')
  assert.match(
    log,
    /heroku\[web\.1\]: Error R10 \(Boot timeout\) -> Web process failed to bind to \$PORT within 2 seconds/,
  )
  await app.setConfig({ MOOD: null })
  await accepted(repository.push(platform, app.name))
  assert.equal((await app.self()).release, 'v5')
})

test('a build that fails rejects the push without a release', async () => {
  const app = await TestApp.create(platform, 'no-language')
  await using repository = await TestRepository.of('no-buildpack')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 1)
  assert.match(stderr, / ! {5}No default language could be detected for this app\./)
  assert.match(stderr, / ! {5}Push rejected\./)
  assert.match(stderr, /pre-receive hook declined/)
  assert.deepEqual(await app.history(), ['v1 succeeded'])
})

test('changes made during a rollout wait for it, and lose nothing', async () => {
  const app = await TestApp.create(platform, 'patient')
  await using repository = await TestRepository.of('moody')
  await accepted(repository.push(platform, app.name))
  await app.setConfig({ BOOT_MS: '1500' })
  await app.setConfig({ GREETING: 'one' })
  await app.setConfig({ BOOT_MS: null, GREETING: 'two' })
  assert.deepEqual((await app.history()).slice(0, 3), ['v5 pending', 'v4 pending', 'v3 pending'])
  await app.becomes(5, 'succeeded')
  assert.deepEqual((await app.history()).slice(0, 3), ['v5 succeeded', 'v4 succeeded', 'v3 succeeded'])
  assert.equal((await app.self()).greeting, 'two')
})

test('a change that waits behind a failing release is applied without it', async () => {
  const app = await TestApp.create(platform, 'undaunted')
  await using repository = await TestRepository.of('moody')
  await app.call('PATCH', '', { settings: { boot_timeout: 1 } })
  await accepted(repository.push(platform, app.name))
  await app.setConfig({ MOOD: 'mute' })
  await app.setConfig({ GREETING: 'still here' })
  await app.becomes(4, 'succeeded')
  assert.deepEqual((await app.history()).slice(0, 2), ['v4 succeeded', 'v3 failed'])
  const config = await app.call('GET', '/config-vars')
  assert.deepEqual(config.body, { GREETING: 'still here' })
  assert.equal((await app.self()).greeting, 'still here')
})

test('a rollback supersedes what is pending', async () => {
  const app = await TestApp.create(platform, 'in-a-hurry')
  await using repository = await TestRepository.of('moody')
  await accepted(repository.push(platform, app.name))
  await app.setConfig({ MOOD: 'mute' })
  await app.setConfig({ GREETING: 'waits' })
  const back = await app.call('POST', '/releases', { release: await app.releaseId(2) })
  assert.equal(back.body.version, 5, JSON.stringify(back.body))
  await app.becomes(5, 'succeeded')
  assert.deepEqual((await app.history()).slice(0, 3), ['v5 succeeded', 'v4 failed', 'v3 failed'])
  assert.equal((await app.self()).release, 'v5')
  const one = await eventually('only dynos of v5', async () => {
    const dynos = await app.dynos()
    return dynos.every(dyno => dyno.release.version === 5) ? dynos : undefined
  })
  assert.deepEqual(
    one.map(dyno => dyno.name),
    ['web.1'],
  )
})

test('twenty releases under sixteen connections lose no request', async () => {
  const app = await TestApp.create(platform, 'busy')
  await using repository = await TestRepository.of('moody')
  await accepted(repository.push(platform, app.name))
  await using traffic = new Traffic(app, 16)
  for (let version = 3; version <= 22; version++) {
    await app.setConfig({ GREETING: `number ${version}` })
    await app.becomes(version, 'succeeded')
  }
  await traffic.more(16)
  assert.deepEqual(traffic.failures, [])
  assert.equal((await app.self()).release, 'v22')
})

test('a destroyed app leaves nothing but its ledger', async () => {
  const app = await TestApp.create(platform, 'short-lived')
  await using repository = await TestRepository.of('moody')
  await accepted(repository.push(platform, app.name))
  const gone = await app.call('DELETE', '')
  assert.equal(gone.status, 200)
  const again = await TestApp.create(platform, 'short-lived')
  assert.notEqual(again.id, app.id)
  await eventually('the new app has the name', async () => {
    const { text } = await app.visit()
    return text.includes('Nothing deployed yet') || undefined
  })
  assert.equal((await call(platform, { path: `/apps/${app.id}` })).status, 404)
  await eventually('nothing of it on disk', async () => (await filesNaming(app.id)).length === 0 || undefined)
})

/** Files named after `id`; the work directories of overlays of other apps are closed even to their owner. */
async function filesNaming(id: string, directory = platform.dataDir): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(error => {
    if (error.code === 'EACCES' || error.code === 'ENOENT') return []
    throw error
  })
  const below = entries
    .filter(entry => entry.isDirectory())
    .map(entry => filesNaming(id, join(directory, entry.name)))
  const named = entries.filter(entry => entry.name.includes(id)).map(entry => join(directory, entry.name))
  return [...named, ...(await Promise.all(below)).flat()]
}

async function accepted(pushing: Promise<CommandResult>): Promise<CommandResult> {
  const result = await pushing
  assert.equal(result.status, 0, result.stderr)
  return result
}

/** What the platform said, as the person pushing reads it. */
function remoteLines(stderr: string): string[] {
  const lines = stderr
    .split('\n')
    .filter(line => line.startsWith('remote:'))
    .map(line => line.replace(/^remote: ?/, '').trimEnd())
    .map(line => line.replace(/done, [\d.]+[kM]?B$/, 'done, SIZE'))
  return lines.slice(lines.findIndex(line => line !== ''))
}
