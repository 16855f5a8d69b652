import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { releaseDynoId } from '../../src/core/release-command.ts'
import { TestApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { ROOT, startPlatform, type TestPlatform } from '../support/platform.ts'
import { TestRepository } from '../support/repository.ts'

let platform: TestPlatform

before(async () => {
  platform = await startPlatform({ environment: { TIDEMARK_SHUTDOWN_GRACE: '2' } })
})

after(() => platform?.[Symbol.asyncDispose]())

/** Never ends by itself within the time of a test. */
const ENDLESS = { LINES: '100000', PAUSE_MS: '20' }

/** An app on v2, whose release command ended well. */
async function deployed(
  name: string,
): Promise<{ app: TestApp; repository: TestRepository } & AsyncDisposable> {
  const app = await TestApp.create(platform, name)
  const repository = await TestRepository.of('release-phase')
  const pushed = await repository.push(platform, name)
  assert.equal(pushed.status, 0, pushed.stderr)
  return { app, repository, [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose]() }
}

/** Waits until the release command of a version has printed something, and answers the name of its dyno. */
async function running(app: TestApp, version: number): Promise<string> {
  return eventually(`the command of v${version} runs`, async () => {
    const dyno = (await app.dynos()).find(each => each.name.startsWith('release.') && each.state === 'up')
    const log = await app.log()
    return dyno?.release.version === version && log.includes(`app[${dyno.name}]: migrating v${version}`)
      ? dyno.name
      : undefined
  })
}

interface ReleaseBody {
  status: string
  reason: string | null
  description: string
  output_stream_url: string
}

async function release(app: TestApp, version: number): Promise<ReleaseBody> {
  return (await app.call('GET', `/releases/${version}`)).body
}

async function output(
  app: TestApp,
  version: number,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { output_stream_url: url } = await release(app, version)
  return fetch(url, { headers, signal: AbortSignal.timeout(60_000) })
}

/** `tidemark releases:output` of a version, while it runs. */
function watch(app: TestApp, version: number): { said: () => string; ended: Promise<unknown[]> } {
  const args = [join(ROOT, 'bin/tidemark.js'), 'releases:output', `v${version}`, '--app', app.name]
  const env = { ...process.env, TIDEMARK_DATA_DIR: platform.dataDir }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    said += text
  })
  return { said: () => said, ended: once(child, 'close') }
}

/** What git shows of a push from the release command on. */
function launch(stderr: string): string[] {
  const lines = stderr
    .split('\n')
    .filter(line => line.startsWith('remote:'))
    .map(line => line.replace(/^remote: ?/, '').trimEnd())
  return lines.slice(lines.indexOf('-----> Running release command...'))
}

describe('the release phase', () => {
  test('runs before any dyno boots, and its output goes to the person pushing', async () => {
    const app = await TestApp.create(platform, 'migrates')
    await using repository = await TestRepository.of('release-phase')
    const { stderr, status } = await repository.push(platform, app.name)
    assert.equal(status, 0, stderr)
    assert.deepEqual(launch(stderr), [
      '-----> Running release command...',
      '',
      'migrating v2',
      'step 1',
      'step 2',
      '',
      '-----> Launching... done, v2',
      `       http://migrates.localhost:${new URL(platform.endpoints.router).port} deployed to Tidemark`,
      '',
    ])
    assert.equal(await (await output(app, 2)).text(), 'migrating v2\nstep 1\nstep 2\n')
    assert.deepEqual(JSON.parse((await app.visit()).text), { release: 'v2', seesMarker: false })
    const log = (await app.log()).map(line => line.replace(/release\.\d+/, 'release.N'))
    const told = [
      'app[api]: Running release v2 commands by user owner@localhost',
      'heroku[release.N]: Starting process with command `node migrate.mjs`',
      'app[release.N]: migrating v2',
      'heroku[release.N]: Process exited with status 0',
      'heroku[web.1]: Starting process with command `node server.mjs`',
      'app[api]: Release v2 created by user owner@localhost',
    ]
    const places = told.map(line => log.indexOf(line))
    assert.ok(!places.includes(-1), log.join('\n'))
    assert.deepEqual(
      places.slice(0, -1),
      places.slice(0, -1).toSorted((a, b) => a - b),
    )
  })

  test('that fails rejects the push, and what serves is not disturbed', async () => {
    await using scene = await deployed('fails')
    const { app, repository } = scene
    const [before] = await app.dynos()
    await repository.write('migrate.mjs', "console.log('no table'); process.exit(3)\n")
    await repository.commit('Break the migration')
    const { stderr, status } = await repository.push(platform, app.name)
    assert.equal(status, 1)
    assert.deepEqual(launch(stderr), [
      '-----> Running release command...',
      '',
      'no table',
      '',
      '-----> Launching... failed, v3',
      '',
      ' !     Release v3 failed: the release command exited with status 3; v2 is still serving.',
      ' !     Push rejected: the branch did not move, so that the same commit can be pushed again.',
      '',
    ])
    assert.deepEqual(
      (await app.dynos()).map(({ id }) => id),
      [before?.id],
    )
    const log = await app.log()
    assert.ok(log.includes('app[api]: Release v3 command failed by user owner@localhost'))
    assert.ok(
      log.includes(
        'app[api]: Release v3 failed: the release command exited with status 3; v2 is still serving',
      ),
    )
    assert.equal(await (await output(app, 3)).text(), 'no table\n')
  })

  test('runs on config changes, with the config of the release; what failed is retried without it', async () => {
    await using scene = await deployed('retries')
    const { app } = scene
    await app.setConfig({ LINES: '1' })
    await app.becomes(3, 'succeeded')
    assert.equal(await (await output(app, 3)).text(), 'migrating v3\nstep 1\n')

    const asked = await app.call('PATCH', '/config-vars', { RELEASE_STATUS: '4' })
    assert.equal(asked.status, 200)
    await app.becomes(4, 'failed')
    const failed = await release(app, 4)
    assert.equal(failed.reason, 'the release command exited with status 4; v3 is still serving')

    const slug = (await app.call('GET', '/releases/4')).body.slug.id
    const description = `Retry of v4: ${failed.description}`
    const retried = await app.call('POST', '/releases', { slug, description })
    assert.equal(retried.body.description, 'Retry of v4: Config add RELEASE_STATUS')
    await app.becomes(5, 'succeeded')
    assert.deepEqual((await app.call('GET', '/config-vars')).body, { LINES: '1' })
  })

  test('that takes too long fails', async () => {
    await using scene = await deployed('slow')
    const { app } = scene
    await app.call('PATCH', '', { settings: { release_timeout: 1 } })
    await app.setConfig(ENDLESS)
    await app.becomes(3, 'failed')
    assert.equal(
      (await release(app, 3)).reason,
      'the release command did not end within 1 s; v2 is still serving',
    )
    assert.match(await (await output(app, 3)).text(), /interrupted\n$/)
  })

  test('is stopped like any dyno, and has failed then', async () => {
    await using scene = await deployed('stopped')
    const { app } = scene
    await app.setConfig(ENDLESS)
    const dyno = await running(app, 3)
    const reading = (await output(app, 3)).text()
    assert.equal((await app.call('POST', `/dynos/${dyno}/actions/stop`)).status, 202)
    await app.becomes(3, 'failed')
    assert.equal((await release(app, 3)).reason, 'the release command was stopped; v2 is still serving')
    assert.match(await reading, /^migrating v3\n(step \d+\n)*interrupted\n$/)
    await eventually('its dyno is gone', async () => (await app.dynos()).length === 1 || undefined)
  })

  test('is stopped by a rollback, with all that waits behind it', async () => {
    await using scene = await deployed('superseded')
    const { app } = scene
    await app.setConfig(ENDLESS)
    await app.setConfig({ WAITS: '1' })
    const dyno = await running(app, 3)
    const back = await app.call('POST', '/releases', { release: await app.releaseId(2) })
    assert.equal(back.body.version, 5)
    await app.becomes(5, 'succeeded')
    assert.deepEqual(await app.history(), [
      'v5 succeeded',
      'v4 failed',
      'v3 failed',
      'v2 succeeded',
      'v1 succeeded',
    ])
    assert.equal((await release(app, 3)).reason, 'superseded by rollback v5')
    assert.match(await (await output(app, 3)).text(), /interrupted\n$/)
    assert.equal((await release(app, 4)).output_stream_url, null, 'the command of what waited never ran')
    const log = await app.log()
    const ended = log.indexOf(`heroku[${dyno}]: State changed from up to complete`)
    const begun = log.findIndex(line => line.endsWith('migrating v5'))
    assert.ok(ended >= 0 && begun > ended, 'no two commands at once')
  })

  test('is stopped by a cancel, and the next one in the queue has its turn', async () => {
    await using scene = await deployed('cancelled')
    const { app } = scene
    await app.setConfig(ENDLESS)
    await app.setConfig({ LINES: '1', PAUSE_MS: '0' })
    await app.setConfig({ UNWANTED: '1' })
    await running(app, 3)
    for (const version of [5, 3, 3]) {
      const { body } = await app.call('POST', `/releases/${version}/actions/cancel`)
      assert.deepEqual([body.status, body.reason], ['failed', 'cancelled by owner@localhost'])
    }
    await app.becomes(4, 'succeeded')
    assert.equal(await (await output(app, 4)).text(), 'migrating v4\nstep 1\n')
    assert.deepEqual((await app.call('GET', '/config-vars')).body, { LINES: '1', PAUSE_MS: '0' })
  })

  test('outlives a kill of the control plane in its middle, and its output is whole', async () => {
    await using scene = await deployed('survivor')
    const { app } = scene
    // Long enough to be in its middle still when a slow machine has started the next control plane.
    await app.setConfig({ LINES: '400', PAUSE_MS: '20' })
    const dyno = await running(app, 3)
    const cut = await output(app, 3)
    const seen = cut.text().catch(() => 'cut off')
    const watching = watch(app, 3)
    await eventually(
      'the command line shows it',
      async () => watching.said().includes('migrating') || undefined,
    )
    await platform.crash()
    assert.equal(await seen, 'cut off')
    await platform.restart()
    assert.equal((await app.dynos()).find(each => each.name.startsWith('release.'))?.name, dyno)
    const resumed = await output(app, 3, { range: 'bytes=13-' })
    assert.equal(resumed.status, 206)
    const steps = Array.from({ length: 400 }, (_, index) => `step ${index + 1}\n`).join('')
    assert.equal(await resumed.text(), steps)
    await app.becomes(3, 'succeeded')
    assert.equal(await (await output(app, 3)).text(), `migrating v3\n${steps}`)
    assert.deepEqual(await watching.ended, [0, null])
    assert.equal(watching.said(), `migrating v3\n${steps}`)
    const log = (await app.log()).filter(line => line === `app[${dyno}]: migrating v3`)
    assert.equal(log.length, 1, 'it ran once')
  })

  test('leaves no output behind when its app is destroyed', async () => {
    await using scene = await deployed('gone')
    const { app } = scene
    const dyno = releaseDynoId((await app.releaseId(2)) ?? '')
    const [build] = (await app.call('GET', '/builds')).body
    const left = async () =>
      (await readdir(join(platform.dataDir, 'transcripts'))).filter(
        file => file.startsWith(dyno) || file.startsWith(build.id),
      )
    assert.equal((await left()).length, 2)
    await app.call('DELETE', '')
    await eventually('its output is gone', async () => (await left()).length === 0 || undefined)
  })
})
