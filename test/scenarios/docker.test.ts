import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type Docker from 'dockerode'
import { PLATFORM_LABEL, statusOf } from '../../src/docker/engine.ts'
import { TestApp, Traffic } from '../support/app.ts'
import {
  buildTagOf,
  installStack,
  labelOf,
  ON_DOCKER,
  removeBuilt,
  removePlatform,
  STACK_IMAGE,
  testEngine,
} from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { ROOT, startPlatform, type TestPlatform } from '../support/platform.ts'
import { run, TestRepository } from '../support/repository.ts'

const found = await testEngine()

suite('a platform whose dynos are containers', { skip: found.skip ?? false }, () => {
  let platform: TestPlatform
  let engine: Docker
  let label: string | undefined

  before(async () => {
    engine = await installStack()
    platform = await startPlatform({
      environment: { ...ON_DOCKER, TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '5' },
    })
    label = await labelOf(platform)
  })

  after(async () => {
    const status = await platform?.stop()
    const said = platform?.output()
    if (platform !== undefined) await removeBuilt(engine, platform)
    await platform?.[Symbol.asyncDispose]()
    if (label === undefined) return
    const left = await engine.listContainers({
      all: true,
      filters: { label: [`${PLATFORM_LABEL}=${label}`] },
    })
    await removePlatform(engine, label)
    // What has ended is kept until the next control plane has read how.
    const running = left.filter(({ State }) => State !== 'exited').map(({ Status }) => Status)
    assert.deepEqual([status, running], [0, []], said)
  })

  /** The ids of an app's containers that run. */
  async function containers(app: TestApp): Promise<string[]> {
    const list = await engine.listContainers({ filters: { label: [`tidemark.app=${app.id}`] } })
    return list.map(({ Id }) => Id)
  }

  function tidemark(...args: string[]) {
    const environment = { TIDEMARK_DATA_DIR: platform.dataDir }
    return run(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), ...args], { environment })
  }

  test('deploys, changes config and rolls back without a failed request, and survives its control plane', async () => {
    await using repository = await TestRepository.of('hello-node')
    const app = await TestApp.create(platform, 'boxed')
    const { status, stderr } = await repository.push(platform, app.name)
    assert.equal(status, 0, stderr)
    await eventually(
      'it answers',
      async () => (await app.visit()).text === 'Hello from v2: no greeting\n' || undefined,
    )
    {
      await using traffic = new Traffic(app, 2)
      await traffic.more(20)
      await app.setConfig({ GREETING: 'hi' })
      await app.becomes(3, 'succeeded')
      await eventually(
        'v3 answers',
        async () => (await app.visit()).text === 'Hello from v3: hi\n' || undefined,
      )
      assert.equal((await app.call('POST', '/releases', { release: await app.releaseId(2) })).status, 201)
      await app.becomes(4, 'succeeded')
      await eventually(
        'v4 answers',
        async () => (await app.visit()).text === 'Hello from v4: no greeting\n' || undefined,
      )
      await traffic.more(20)
      assert.deepEqual(traffic.failures, [])
    }
    const before = await eventually('the dynos of older releases are gone', async () => {
      const running = await containers(app)
      return running.length === 1 ? running : undefined
    })
    await platform.crash()
    assert.equal((await app.visit()).status, 200, 'apps go on without a control plane')
    await platform.restart()
    assert.deepEqual(await containers(app), before, 'the same container was taken over')
    assert.ok((await app.log()).includes('app[web.1]: Listening on 5000'))
    await app.setConfig({ DATABASE_URL: 'postgres://u:hidden@127.0.0.1:9000/x' })
    await app.becomes(5, 'succeeded')
    const { stdout: found } = await tidemark('apps:doctor', '--app', app.name)
    assert.match(found, /^note {3}DATABASE_URL names 127\.0\.0\.1/m)
    assert.ok(!found.includes('hidden'))
  })

  test('runs what a Dockerfile makes as it is, also after the engine has lost the image', async () => {
    await using repository = await TestRepository.of('dockerfile-app')
    const app = await TestApp.create(platform, 'own-system')
    assert.equal((await app.call('PATCH', '', { build_stack: 'container' })).status, 200)
    const { status, stderr } = await repository.push(platform, app.name)
    assert.equal(status, 0, stderr)
    assert.match(stderr, /Step 1\/7/)
    await eventually(
      'it answers',
      async () => (await app.visit()).text.includes('hello from a Dockerfile') || undefined,
    )
    assert.equal((await app.call('GET', '')).body.stack.name, 'container')

    const [container = ''] = await containers(app)
    const { Config, Image } = await engine.getContainer(container).inspect()
    assert.match(Config.User, /^7\d{5}|^\d{7,}/, 'nobody runs as root')
    assert.equal(Config.WorkingDir, '/srv')
    assert.equal((await app.call('DELETE', '/dynos')).status, 202)
    const second = await eventually('another container', async () =>
      (await containers(app)).find(id => id !== container),
    )
    assert.equal((await engine.getContainer(second).inspect()).Image, Image, 'it was loaded once')

    await app.call('PATCH', '/formation', { updates: [{ type: 'web', quantity: 0 }] })
    await eventually('nothing runs', async () => (await containers(app)).length === 0 || undefined)
    await eventually('its image can be removed', async () => {
      const images = await engine.listImages({ filters: { label: [`${PLATFORM_LABEL}=${label}`] } })
      const name = images.find(({ Id }) => Id === Image)?.RepoTags?.[0]
      if (name === undefined) return true
      await engine.getImage(name).remove({ force: true })
      return undefined
    })
    await app.call('PATCH', '/formation', { updates: [{ type: 'web', quantity: 1 }] })
    await eventually('it answers again', async () => ((await app.visit()).status === 200 ? true : undefined))
  })

  test('code that is stored well and cannot be run is told apart from what a backup brings back', async () => {
    await using repository = await TestRepository.of('dockerfile-app')
    await repository.write('Dockerfile', 'FROM scratch\nCOPY server.mjs /\nCMD ["/nothing"]\n')
    await repository.write('heroku.yml', 'build:\n  docker:\n    worker: Dockerfile\n')
    await repository.commit('Nothing to run')
    const app = await TestApp.create(platform, 'no-shell')
    assert.equal((await tidemark('stack:set', 'container', '--app', app.name)).status, 0)
    const pushed = await repository.push(platform, app.name)
    assert.equal(pushed.status, 0, pushed.stderr)
    assert.equal((await tidemark('stack:set', 'tidemark-1', '--app', app.name)).status, 0)
    const stacks = await tidemark('stack', '--app', app.name)
    assert.match(stacks.stdout, /tidemark-1 \(from the next build on, if buildpacks can build the app\)/)

    const found = await tidemark('artifacts:verify', '--app', app.name)
    assert.equal(found.status, 1)
    assert.match(found.stderr, /\(1 of 1\)\.\.\. done, cannot run/)
    assert.match(
      found.stdout,
      /v2 +CANNOT RUN: The image has no \/bin\/sh, .* Start it from an image that has one\./,
    )
    assert.match(found.stderr, /The code of v2 is stored as it was, .* no backup changes that\./)
    const [{ ok, faults }] = JSON.parse(
      (await tidemark('artifacts:verify', '--json', '--app', app.name)).stdout,
    )
    assert.deepEqual([ok, faults], [false, []])
  })

  test('an image that somebody removed, or called another so, is had again by artifacts:verify', async () => {
    await using repository = await TestRepository.of('hello-node')
    const app = await TestApp.create(platform, 'lost')
    assert.equal((await repository.push(platform, app.name)).status, 0)
    await app.setConfig({ GREETING: 'hi' })
    await app.becomes(3, 'succeeded')
    const [container = ''] = await containers(app)
    const name = (await engine.getContainer(container).inspect()).Config.Image
    await app.call('PATCH', '/formation', { updates: [{ type: 'web', quantity: 0 }] })
    await eventually('nothing runs', async () => (await containers(app)).length === 0 || undefined)

    const states = async () => {
      const { status, stdout, stderr } = await tidemark('artifacts:verify', '--app', app.name)
      assert.equal(status, 0, stderr)
      return stdout.match(/v3-v2 +(.*)/)?.[1]
    }
    assert.equal(await states(), 'ok')
    await engine.getImage(name).remove({ force: true })
    assert.equal(await states(), 'repaired: the Docker engine did not have its image')
    assert.equal(await states(), 'ok')
    const [repo = '', tag = ''] = name.split(':')
    await engine.getImage(STACK_IMAGE).tag({ repo, tag })
    assert.equal(await states(), 'repaired: the Docker engine did not have its image')
    assert.equal(await states(), 'ok')
    await app.call('PATCH', '/formation', { updates: [{ type: 'web', quantity: 1 }] })
    await eventually(
      'it answers again',
      async () => (await app.visit()).text === 'Hello from v3: hi\n' || undefined,
    )
  })

  test('what was built for an app leaves the engine with it, now or at the next start', async () => {
    await using repository = await TestRepository.of('dockerfile-app')
    const [leaving, staying] = [
      await TestApp.create(platform, 'leaving'),
      await TestApp.create(platform, 'staying'),
    ]
    const notes = () => readdir(join(platform.dataDir, 'images'))
    for (const app of [leaving, staying]) {
      // What both made would be needed by the other.
      await repository.write('of.txt', app.name)
      await repository.commit(`Of ${app.name}`)
      const { status, stderr } = await repository.push(platform, app.name)
      assert.equal(status, 0, stderr)
    }
    assert.ok((await notes()).includes(leaving.id))
    assert.equal((await containers(staying)).length, 1)
    const { Id } = await engine.getImage(await buildTagOf(platform, leaving)).inspect()
    assert.equal((await leaving.call('DELETE', '')).status, 200)
    await eventually(
      'it is gone',
      async () => (await isGone(await buildTagOf(platform, leaving))) || undefined,
    )
    await eventually('its notes are gone', async () => !(await notes()).includes(leaving.id) || undefined)
    assert.ok(await isGone(Id))
    assert.ok(!(await isGone(await buildTagOf(platform, staying))))

    await platform.crash()
    const begunAt = Date.parse((await engine.info()).SystemTime)
    const container = await engine.createContainer({ Image: STACK_IMAGE, Cmd: ['true'] })
    const left = (await container.commit({ comment: 'left by a test' })).Id
    await container.remove()
    const note = `${left.slice('sha256:'.length).slice(0, 12)} ${begunAt}\n`
    await writeFile(join(platform.dataDir, 'images', leaving.id), note)
    await platform.restart()
    await eventually('what was left is gone', async () => (await isGone(left)) || undefined)
    assert.ok(!(await isGone(await buildTagOf(platform, staying))))
    assert.equal((await staying.visit()).status, 200)
  })

  async function isGone(image: string): Promise<boolean> {
    return engine
      .getImage(image)
      .inspect()
      .then(
        () => false,
        error => statusOf(error) === 404,
      )
  }

  test('an image is pulled, and pushed to another app, where it runs', async () => {
    await using repository = await TestRepository.of('dockerfile-app')
    const from = await TestApp.create(platform, 'giver')
    const to = await TestApp.create(platform, 'taker')
    const built = await repository.push(platform, from.name)
    assert.equal(built.status, 0, built.stderr)
    const file = join(repository.directory, 'image.tar')
    const pulled = await tidemark('images:pull', '--app', from.name, '--output', file)
    assert.equal(pulled.status, 0, pulled.stderr)
    const pushed = await tidemark('images:push', file, '--app', to.name)
    assert.equal(pushed.status, 0, pushed.stderr)
    await eventually(
      'it answers',
      async () => (await to.visit()).text.includes('hello from a Dockerfile') || undefined,
    )
  })
})
