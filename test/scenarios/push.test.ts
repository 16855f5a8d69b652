import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { TestApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { run, TestRepository } from '../support/repository.ts'

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({
    environment: { TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2' },
  })
})

after(() => platform?.[Symbol.asyncDispose]())

/** A build that says so and then goes on for longer than any test. */
const ENDLESS_BUILD = JSON.stringify({ name: 'endless', scripts: { build: 'echo begun && sleep 300' } })

test('pushes of every kind', async t => {
  const app = await TestApp.create(platform, 'of-every-kind')
  await using repository = await TestRepository.of('moody')
  const first = await repository.commit('Begin')
  const push = (...refspecs: string[]) => repository.push(platform, app.name, ...refspecs)
  const remote = async () => (await repository.git('ls-remote', repository.url(platform, app.name))).stdout
  assert.equal((await push()).status, 0)

  await t.test('nothing new', async () => {
    const { status, stderr } = await push()
    assert.equal(status, 0)
    assert.match(stderr, /Everything up-to-date/)
    assert.equal((await app.releases()).length, 2)
  })

  await t.test('another branch, and a tag, are stored without a build', async () => {
    const { status, stderr } = await push('main:refs/heads/feature')
    assert.equal(status, 0, stderr)
    assert.match(stderr, /Pushed to branch other than \[main, master\], skipping build\./)
    await repository.git('tag', 'v1.0')
    assert.equal((await push('v1.0')).status, 0)
    assert.match(await remote(), /refs\/heads\/feature[\s\S]*refs\/tags\/v1\.0/)
    assert.equal((await push(':feature')).status, 0)
    assert.doesNotMatch(await remote(), /feature/)
    assert.equal((await app.releases()).length, 2)
  })

  await t.test('a detached head, and a history that was rewritten', async () => {
    await repository.commit('Second')
    await repository.git('checkout', '--quiet', '--detach')
    const detached = await push('HEAD:main')
    assert.equal(detached.status, 0, detached.stderr)
    await repository.git('reset', '--quiet', '--hard', first)
    const other = await repository.commit('Another second')
    assert.match((await push('HEAD:main')).stderr, /non-fast-forward|fetch first/)
    const forced = await push('+HEAD:main')
    assert.equal(forced.status, 0, forced.stderr)
    assert.match(await remote(), new RegExp(`^${other}\\s+refs/heads/main$`, 'm'))
    assert.equal((await app.releases()).length, 4)
  })

  await t.test('main and master together, or none of the two', async () => {
    const both = await push('HEAD:main', 'HEAD:refs/heads/master')
    assert.equal(both.status, 0, 'main is there already, so only master is pushed')
    await repository.commit('Third')
    const two = await push('HEAD:main', 'HEAD:master')
    assert.equal(two.status, 1)
    assert.match(two.stderr, / ! {5}Both main and master were pushed, and only one can be deployed\./)
    const none = await push(':main')
    assert.equal(none.status, 1)
    assert.match(await remote(), /refs\/heads\/main/)
  })
})

test('a shallow clone, as CI jobs have, can be deployed', async () => {
  const app = await TestApp.create(platform, 'shallow-end')
  await using origin = await TestRepository.of('moody')
  await origin.commit('Second')
  await using clone = await TestRepository.of('moody')
  const directory = join(clone.directory, 'clone')
  await origin.git('clone', '--quiet', '--depth=1', `file://${origin.directory}`, directory)
  const push = () => run('git', ['push', clone.url(platform, app.name), 'HEAD:main'], { cwd: directory })
  const shallow = await push()
  assert.equal(shallow.status, 0, shallow.stderr)
  const { body } = await app.call('GET', '/builds')
  if (Array.isArray(body)) assert.equal(body.length, 1)
  await origin.commit('Third')
  const whole = await origin.push(platform, app.name)
  assert.equal(whole.status, 0, whole.stderr)
})

test('a large push arrives whole', async () => {
  const app = await TestApp.create(platform, 'heavy')
  await using repository = await TestRepository.of('moody')
  await writeFile(join(repository.directory, 'ballast'), randomBytes(24_000_000))
  await repository.commit('Add ballast')
  const { status, stderr } = await repository.push(platform, app.name)
  assert.equal(status, 0, stderr)
  assert.match(stderr, /Compressing\.\.\. done, 2\d(\.\d)?MB/)
})

test('a second push waits for the first, and says so', async () => {
  const app = await TestApp.create(platform, 'two-at-once')
  await using first = await TestRepository.of('moody')
  await using second = await TestRepository.of('moody')
  await first.write('package.json', JSON.stringify({ name: 'a', scripts: { build: 'sleep 2' } }))
  await first.commit('Build slowly')
  await second.commit('Build at once')
  const pushing = pushUntil(first, app, /Determining/)
  await pushing.said
  const other = await second.push(platform, app.name, '+main')
  assert.match(
    other.stderr,
    /-----> Another build of this app is running; this one starts when it is done\.\.\./,
  )
  assert.equal(await pushing.status, 0)
  const versions = (await app.releases()).map(({ version, status }) => `${version} ${status}`)
  assert.deepEqual(versions, ['1 succeeded', '2 succeeded', '3 succeeded'])
})

test('whoever goes away during the build cancels it', async () => {
  const app = await TestApp.create(platform, 'ctrl-c')
  await using repository = await TestRepository.of('moody')
  await repository.write('package.json', ENDLESS_BUILD)
  await repository.commit('Build for ever')
  const pushing = pushUntil(repository, app, /begun/)
  await pushing.said
  pushing.interrupt()
  await pushing.status
  await eventually(
    'build cancelled',
    async () =>
      (await app.log()).some(line => /Build failed: The build was cancelled/.test(line)) || undefined,
  )
  assert.deepEqual(await app.history(), ['v1 succeeded'])
  // Nothing is left to stand in the way of the next push.
  await repository.write('package.json', JSON.stringify({ name: 'short' }))
  await repository.commit('Build at once')
  const again = await repository.push(platform, app.name)
  assert.equal(again.status, 0, again.stderr)
})

test('whoever goes away during the rollout leaves it to end, and the branch moves', async () => {
  const app = await TestApp.create(platform, 'early-leaver')
  await using repository = await TestRepository.of('moody')
  await app.setConfig({ BOOT_MS: '1500' })
  const pushing = pushUntil(repository, app, /Launching/)
  await pushing.said
  pushing.interrupt()
  await pushing.status
  await app.becomes(3, 'succeeded')
  const commit = (await repository.git('rev-parse', 'HEAD')).stdout.trim()
  await eventually('the branch moved', async () => {
    const { stdout } = await repository.git('ls-remote', repository.url(platform, app.name), 'main')
    return stdout.startsWith(commit) || undefined
  })
  assert.doesNotMatch(platform.output(), /something failed/)
})

/** Pushes in the background. `said` resolves once the person pushing read something like `text`. */
function pushUntil(
  repository: TestRepository,
  app: TestApp,
  text: RegExp,
): { said: Promise<void>; status: Promise<number | null>; interrupt: () => void } {
  // A group of its own: Ctrl-C reaches git and the programs it started.
  const git = spawn('git', ['push', repository.url(platform, app.name), 'main'], {
    cwd: repository.directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const status = once(git, 'exit').then(([code]) => code as number | null)
  const said = new Promise<void>((resolve, reject) => {
    let heard = ''
    git.stderr.on('data', chunk => {
      heard += String(chunk)
      if (text.test(heard)) resolve()
    })
    git.on('exit', () => reject(new Error(`git ended without saying ${text}:\n${heard}`)))
  })
  said.catch(() => {})
  return { said, status, interrupt: () => void process.kill(-(git.pid ?? 0), 'SIGINT') }
}
