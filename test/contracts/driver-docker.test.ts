import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import { PLATFORM_LABEL } from '../../src/docker/engine.ts'
import type { DockerDriverOptions } from '../../src/runtime/drivers/docker/driver.ts'
import { IMAGE_LABEL, LAYER_LABEL } from '../../src/runtime/drivers/docker/image-names.ts'
import { DYNO_LABEL } from '../../src/runtime/drivers/docker/labels.ts'
import { loadingName } from '../../src/runtime/drivers/docker/loading.ts'
import { PAUSE_LABEL } from '../../src/runtime/drivers/docker/pause-container.ts'
import { STACK_IMAGE, testEngine } from '../support/docker.ts'
import { BUSYBOX } from '../support/dockerfile-bench.ts'
import { eventually } from '../support/eventually.ts'
import { describeDriver, get, hasExited, SERVER, spec, textsOf, until } from './driver.ts'
import type { Input } from './driver-docker-control-plane.fixture.ts'
import { EAT, inspected, linesUntil, oomOf, outputOf, world } from './driver-docker-world.ts'
import { archive, layer, image as ownImage, sent, type TarEntry } from './image-archive.ts'

const CONTROL_PLANE = fileURLToPath(new URL('driver-docker-control-plane.fixture.ts', import.meta.url))

const { skip } = await testEngine()

if (skip !== undefined) describe('docker driver', { skip }, () => test('is put to the test'))
else {
  describeDriver('docker driver', world)

  describe('docker driver: what a dyno may do', () => {
    test('it is not root, becomes nobody else, and may nothing of what root may', async t => {
      const { driver, image } = await world(t)
      const command =
        "id -u; bash-as-root -p -c 'id -u'; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; touch /x || echo no"
      const texts = await outputOf(driver, spec(await image({}), command, { kind: 'run' }))
      assert.deepEqual(texts.slice(0, 2), ['700001', '700001'])
      for (const text of ['CapEff:\t0000000000000000', 'CapBnd:\t0000000000000000', 'NoNewPrivs:\t1', 'no'])
        assert.ok(texts.includes(text), texts.join('\n'))
    })

    test('it reaches the containers of its app, and of no other; the machine by its name', async t => {
      const { driver, image } = await world(t)
      const digest = await image({ 'server.js': SERVER })
      const web = spec(digest, 'node server.js', { listens: true })
      await driver.start(web)
      const { address } = await until(driver, web.id, dyno => dyno.isListening)
      const command = `curl -s -m 3 http://${address}/ || echo out of reach; grep -c host.docker.internal /etc/hosts`
      const own = await outputOf(driver, spec(digest, command, { kind: 'run' }))
      const foreign = await outputOf(driver, spec(digest, command, { kind: 'run', appId: 'app-2' }))
      assert.match(own.join('\n'), /hello1/)
      assert.deepEqual(foreign, ['out of reach', '1'])
    })

    test('its port is published to this machine alone', async t => {
      const { driver, image, engine } = await world(t)
      const web = spec(await image({ 'server.js': SERVER }), 'node server.js', { listens: true })
      await driver.start(web)
      await until(driver, web.id, dyno => dyno.isListening)
      const { NetworkSettings } = await inspected(engine, web)
      const published = Object.values(NetworkSettings.Ports).flat()
      assert.deepEqual(
        published.map(({ HostIp }) => HostIp),
        ['127.0.0.1'],
      )
      assert.match(await get(`127.0.0.1:${published[0]?.HostPort}`), /hello/)
    })

    test('a config var is in no argument list, no label and no file of the driver', async t => {
      const { driver, image, engine, options } = await world(t)
      const KEY = `sealed-${randomBytes(8).toString('hex')}`
      const one = spec(await image({}), 'echo ${#KEY}; sleep 60', { environment: { KEY } })
      await driver.start(one)
      await textsOf(driver, one, text => text === String(KEY.length))
      const { Config, Path, Args } = await inspected(engine, one)
      assert.ok(!JSON.stringify([Config.Labels, Config.Cmd, Config.Entrypoint, Path, Args]).includes(KEY))
      for (const name of await readdir(join(options.directory, 'dynos')))
        assert.ok(!(await readFile(join(options.directory, 'dynos', name), 'utf8')).includes(KEY))
    })

    test('more memory than its size has is reported, and vastly more ends it', async t => {
      const { driver, image } = await world(t, { measureEvery: 200 })
      const digest = await image({
        'eat.js': `
const eaten = []
const eat = () => (eaten.push(Buffer.alloc(32 * 1024 ** 2, 1)), eaten.length < Number(process.argv[2]) / 32)
const timer = setInterval(() => eat() || clearInterval(timer), 10)
setInterval(() => {}, 1000)`,
      })
      const over = spec(digest, 'node eat.js 700', { size: 'Basic' })
      await driver.start(over)
      const warned = await textsOf(driver, over, text => text === 'Error R14 (Memory quota exceeded)')
      assert.match(warned.at(-2) ?? '', /^Process running mem=\d+M\(1\d\d\.\d%\)$/)
      const vastly = spec(digest, 'node eat.js 2000', { size: 'Basic' })
      await driver.start(vastly)
      const texts = await textsOf(driver, vastly, text => text.startsWith('State changed from up'))
      assert.deepEqual(texts.slice(-3), [
        'Error R15 (Memory quota vastly exceeded)',
        'Process exited with status 137',
        'State changed from up to crashed',
      ])
      assert.equal((await until(driver, vastly.id, hasExited)).exitStatus, 137)
    })
  })

  describe('docker driver: the engine', () => {
    test('what a kill left of an image on its way goes at the next start, but for that of others', async t => {
      const { engine, options, restart } = await world(t)
      const left = loadingName(options, 'sha256:aa')
      const foreign = loadingName({ ...options, platform: `not ${options.platform}` }, 'sha256:aa')
      t.after(() => engine.getImage(foreign).remove())
      for (const name of [left, foreign]) {
        const [repo = '', tag = ''] = name.split(':')
        await engine.getImage(STACK_IMAGE).tag({ repo, tag })
      }
      await mkdir(join(options.directory, 'loading-XXXXXX', 'blobs'), { recursive: true })
      await restart()
      const names = (await engine.listImages()).flatMap(({ RepoTags }) => RepoTags ?? [])
      assert.deepEqual([names.includes(left), names.includes(foreign)], [false, true])
      assert.deepEqual(await readdir(options.directory), ['dynos'])
    })

    test('what is not ours stays, and what is not needed any more goes', async t => {
      const { driver, image, engine, options } = await world(t)
      const name = `tidemark-test/foreign-${options.platform}`
      const foreign = await engine.createContainer({ Image: STACK_IMAGE, Cmd: ['true'] })
      t.after(() => foreign.remove({ force: true }))
      await foreign.commit({ repo: name, tag: '1' })
      t.after(() => engine.getImage(`${name}:1`).remove())
      const [kept, dropped] = [await image({ a: '' }), await image({ b: '' })]
      for (const digest of [kept, dropped]) await outputOf(driver, spec(digest, 'true', { kind: 'run' }))
      await eventually(
        'its network is gone',
        async () => (await ownedBy(engine, options)).networks === 0 || undefined,
      )
      await driver.prune([kept])
      assert.deepEqual(await ownedBy(engine, options), { containers: 0, networks: 0, images: 1 })
      await driver.prune([])
      await driver.close(0)
      assert.deepEqual(await ownedBy(engine, options), { containers: 0, networks: 0, images: 0 })
      assert.equal((await foreign.inspect()).State.Status, 'created')
      assert.ok((await engine.getImage(`${name}:1`).inspect()).Id)
    })

    test('an image in use is not pruned; one that somebody removed is loaded again', async t => {
      const { driver, image, engine, options } = await world(t)
      const digest = await image({ file: 'content\n' })
      const long = spec(digest, 'sleep 60')
      await driver.start(long)
      await driver.prune([])
      assert.equal((await ownedBy(engine, options)).images, 1)
      await driver.stop(long.id, 0)
      await textsOf(driver, long, text => text.endsWith(' to down'))
      await eventually(
        'its container is gone',
        async () => (await ownedBy(engine, options)).containers === 0 || undefined,
      )
      await driver.prune([])
      assert.equal((await ownedBy(engine, options)).images, 0)
      assert.deepEqual(await outputOf(driver, spec(digest, 'cat file', { kind: 'run' })), ['content'])
    })

    test('a name that somebody gave to another image is given back', async t => {
      const { driver, image, engine, options } = await world(t)
      const digest = await image({ file: 'content\n' })
      const artifact = { appId: 'app-1', digest, stack: '' }
      const { signal } = new AbortController()
      assert.equal(await driver.ensureImage(artifact, signal), false)
      assert.equal(await driver.ensureImage(artifact, signal), true)
      const filters = { label: [`${PLATFORM_LABEL}=${options.platform}`] }
      const [ours] = await engine.listImages({ filters })
      const name = ours?.RepoTags?.[0] ?? ''
      // Gone by then, unless it still is another's.
      t.after(() =>
        engine
          .getImage(name)
          .remove({ force: true })
          .catch(() => {}),
      )
      const other = await image({ file: 'of somebody else\n' })
      await driver.ensureImage({ ...artifact, digest: other }, signal)
      const images = await engine.listImages({ filters })
      for (const foreign of [STACK_IMAGE, images.find(({ Id }) => Id !== ours?.Id)?.Id ?? '']) {
        const [repo = '', tag = ''] = name.split(':')
        await engine.getImage(foreign).tag({ repo, tag })
        assert.deepEqual(await outputOf(driver, spec(digest, 'cat file', { kind: 'run' })), ['content'])
        assert.equal(await driver.ensureImage(artifact, signal), true)
      }
    })

    test('artifacts of the same layers share an image, and each is known to be there', async t => {
      const home = await mkdtemp(join(tmpdir(), 'tidemark-shared-'))
      t.after(() => rm(home, { recursive: true, force: true }))
      await mkdir(join(home, 'app'))
      const { driver, engine, options } = await world(t, { layers: async () => [home] })
      const { signal } = new AbortController()
      for (const wasThere of [false, true])
        for (const digest of ['one', 'two'])
          assert.equal(await driver.ensureImage({ appId: 'app-1', digest, stack: '' }, signal), wasThere)
      const filters = { label: [`${PLATFORM_LABEL}=${options.platform}`] }
      assert.equal((await engine.listImages({ filters })).length, 1)
    })

    test('a layer that did not change is loaded once', async t => {
      const home = await mkdtemp(join(tmpdir(), 'tidemark-layers-'))
      t.after(() => rm(home, { recursive: true, force: true }))
      for (const layer of ['below', 'one', 'two']) {
        await mkdir(join(home, layer, 'app'), { recursive: true })
        await writeFile(join(home, layer, 'app', layer), '')
      }
      const layers = async (digest: string) => ['below', digest].map(layer => join(home, layer))
      const { driver, engine, options } = await world(t, { layers })
      for (const digest of ['one', 'two'])
        assert.deepEqual(await outputOf(driver, spec(digest, 'ls', { kind: 'run' })), ['below', digest])
      const filters = { label: [`${PLATFORM_LABEL}=${options.platform}`] }
      assert.equal((await engine.listImages({ all: true, filters })).length, 3)
    })

    test('a stack without an image is said in a sentence', async t => {
      const { driver, image } = await world(t, { stackImage: () => 'tidemark-test/nowhere:1' })
      const one = spec(await image({}), 'true')
      await driver.start(one)
      const { fault } = await until(driver, one.id, hasExited)
      assert.match(fault ?? '', /does not have the stack image tidemark-test\/nowhere:1/)
    })

    test('a stack that no image is named for is refused', async t => {
      const { driver, image } = await world(t, { stackImage: () => undefined })
      const one = spec(await image({}), 'true', { environment: { STACK: 'heroku-24' } })
      await driver.start(one)
      const { fault } = await until(driver, one.id, hasExited)
      assert.match(fault ?? '', /^No Docker image is named for the stack "heroku-24"\./)
    })

    test('an image of its own system without a shell is refused, however it is packed', async t => {
      for (const packing of ['tar', 'tar+gzip', 'tar+zstd'] as const) {
        const made = ownImage([await layer([{ name: 'hello', content: packing }], packing)])
        const packed = await archive(made)
        const { driver } = await world(t, { stackImage: () => null, archive: () => sent(packed) })
        const one = spec(made.manifest.digest, 'true')
        await driver.start(one)
        const { fault } = await until(driver, one.id, hasExited)
        assert.match(fault ?? '', /^The image has no \/bin\/sh, with which commands are run\./)
      }
    })

    test('nobody is root in an image of its own system, by whichever name', async t => {
      const passwd = 'root:x:0:0::/:/bin/sh\nboss:x:0:0::/:/bin/sh\nodd\nworker:x:1234:1234::/:/bin/sh\n'
      const users = { name: 'etc/passwd', type: 'symlink', linkname: '../users' } as const
      const base = await layer([...(await programs()), { name: 'users', content: passwd }, users])
      for (const [User, uid] of [
        ...(['', 'root', '0:0', '+0', '-00', 'boss', 'boss:users', 'odd'] as const).map(user => [
          user,
          '700001',
        ]),
        ...[
          ['worker', '1234'],
          ['+1001', '1001'],
        ],
      ] as const) {
        const made = ownImage([base], { config: { User } })
        const packed = await archive(made)
        const { driver } = await world(t, { stackImage: () => null, archive: () => sent(packed) })
        const texts = await outputOf(driver, spec(made.manifest.digest, 'id -u', { kind: 'run' }))
        assert.ok(texts.includes(uid), `${User}: ${texts.join('\n')}`)
      }
    })

    test('what an image of its own system is labelled with makes nothing else of its dyno', async t => {
      const Labels = {
        [PAUSE_LABEL]: 'true',
        [DYNO_LABEL]: 'another',
        [LAYER_LABEL]: 'x',
        [IMAGE_LABEL]: 'x',
      }
      const made = ownImage([await layer(await programs())], { config: { Labels } })
      const packed = await archive(made)
      const the = await world(t, { stackImage: () => null, archive: () => sent(packed) })
      const one = spec(made.manifest.digest, 'echo up; sleep 600')
      await the.driver.start(one)
      await textsOf(the.driver, one, text => text === 'up')
      for (const driver of [the.driver, await the.restart()])
        assert.deepEqual(
          (await driver.list()).map(({ id, state }) => [id, state]),
          [[one.id, 'running']],
        )
      assert.ok((await inspected(the.engine, one)).State.Running)
    })

    test('a container that somebody removes has exited', async t => {
      const { driver, image, engine } = await world(t)
      const one = spec(await image({}), 'sleep 60')
      await driver.start(one)
      await until(driver, one.id, dyno => dyno.state === 'running')
      const { Id } = await inspected(engine, one)
      await engine.getContainer(Id).remove({ force: true })
      assert.equal((await until(driver, one.id, hasExited)).exitStatus, 137)
      await driver.forget([one.id])
      assert.deepEqual(await driver.list(), [])
    })
  })

  describe('docker driver: while the control plane is away', () => {
    test('a dyno that exits is reported with its status, and all it printed', async t => {
      const world_ = await world(t)
      const one = spec(await world_.image({}), 'sleep 0.5; echo on my own; exit 9')
      await world_.driver.start(one)
      await until(world_.driver, one.id, dyno => dyno.state === 'running')
      world_.driver.disconnect()
      await world_.engine.getContainer((await inspected(world_.engine, one)).Id).wait()
      const driver = await world_.restart()
      assert.equal((await until(driver, one.id, hasExited)).exitStatus, 9)
      const texts = await textsOf(driver, one, text => text.startsWith('State changed from up'))
      assert.deepEqual(texts.slice(-3), [
        'on my own',
        'Process exited with status 9',
        'State changed from up to crashed',
      ])
    })

    test('dynos are known again without any file of ours', async t => {
      const { driver, image, options, restart } = await world(t)
      const web = spec(await image({ 'server.js': SERVER }), 'node server.js', { listens: true })
      await driver.start(web)
      const before = await until(driver, web.id, dyno => dyno.isListening)
      driver.disconnect()
      await rm(options.directory, { recursive: true })
      assert.deepEqual(await (await restart()).list(), [before])
    })

    test('a dyno that is asked to stop, is killed after its grace by the next one', async t => {
      const { driver, image, restart } = await world(t)
      const one = spec(await image({}), "trap '' TERM; echo deaf; while :; do sleep 0.05; done")
      await driver.start(one)
      await textsOf(driver, one, text => text === 'deaf')
      await driver.stop(one.id, 1000)
      const next = await restart()
      assert.equal((await until(next, one.id, hasExited)).exitStatus, 137)
      const texts = await textsOf(next, one, text => text === 'State changed from up to down')
      assert.ok(texts.some(text => text.startsWith('Error R12 (Exit timeout)')))
    })

    test('a dyno of which a process ran out of memory is ended by the next one', async t => {
      const { driver, image, engine, restart } = await world(t)
      const one = spec(await image({}), 'sleep 600')
      await driver.start(one)
      await until(driver, one.id, dyno => dyno.state === 'running')
      driver.disconnect()
      const container = engine.getContainer((await inspected(engine, one)).Id)
      const eating = await (await container.exec({ Cmd: ['bash', '-c', EAT] })).start({ Detach: true })
      await oomOf(engine, container)
      eating.destroy()
      assert.ok((await container.inspect()).State.Running)
      const next = await restart()
      const texts = await textsOf(next, one, text => text === 'State changed from up to crashed')
      assert.ok(texts.includes('Error R15 (Memory quota vastly exceeded)'), texts.join('\n'))
    })

    test('when it was killed, no line is lost, and none has another place', async t => {
      const { driver, image, options, restart } = await world(t)
      const one = spec(await image({}), 'for i in $(seq 1 200); do echo line $i; sleep 0.01; done; sleep 60')
      driver.disconnect()
      const { directory, platform } = options
      const layers = await options.layers(one.image, AbortSignal.abort())
      const input: Input = { directory, platform, stackImage: STACK_IMAGE, layers, one }
      const plane = spawn(process.execPath, [CONTROL_PLANE], { stdio: ['pipe', 'pipe', 'inherit'] })
      plane.stdin?.write(`${JSON.stringify(input)}\n`)
      const placed = new Map<number, string>()
      for await (const line of createInterface({
        input: plane.stdout as NonNullable<ChildProcess['stdout']>,
      })) {
        const [offset, text] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]
        if (offset !== 'null') placed.set(Number(offset), text)
        if (text === 'line 40') plane.kill('SIGKILL')
      }
      for (const { offset, line } of await linesUntil(await restart(), one, text => text === 'line 200')) {
        if (offset === null) continue
        assert.equal(placed.get(offset) ?? line.text, line.text)
        placed.set(offset, line.text)
      }
      const inOrder = [...placed].sort(([a], [b]) => a - b)
      assert.deepEqual(
        inOrder.map(([, text]) => text),
        Array.from({ length: 200 }, (_, index) => `line ${index + 1}`),
      )
      let expected = 0
      for (const [offset, text] of inOrder) {
        assert.equal(offset, expected)
        expected += text.length + 1
      }
    })

    test('lines that were taken do not come again', async t => {
      const { driver, image, restart } = await world(t)
      const one = spec(await image({}), 'echo first; until [ -e go ]; do sleep 0.05; done; echo second')
      await driver.start(one)
      await textsOf(driver, one, text => text === 'first')
      const next = await restart()
      await next.stop(one.id, 0)
      const texts = await textsOf(next, one, text => text.startsWith('State changed from up'))
      assert.ok(
        !texts.includes('first') && !texts.some(text => text.startsWith('Starting')),
        texts.join('\n'),
      )
    })
  })
}

/** The least system that a dyno runs on. */
async function programs(): Promise<TarEntry[]> {
  const links = ['bin/id', 'bin/sleep'].map(name => ({ name, type: 'symlink' as const, linkname: 'sh' }))
  return [{ name: 'bin/sh', mode: 0o755, content: await readFile(BUSYBOX) }, ...links]
}

async function ownedBy(
  engine: Docker,
  { platform }: DockerDriverOptions,
): Promise<{ containers: number; networks: number; images: number }> {
  const filters = { label: [`${PLATFORM_LABEL}=${platform}`] }
  const [containers, networks, images] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listImages({ all: true, filters }),
  ])
  return { containers: containers.length, networks: networks.length, images: images.length }
}
