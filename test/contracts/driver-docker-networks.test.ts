import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerInfo } from 'dockerode'
import { PLATFORM_LABEL } from '../../src/docker/engine.ts'
import type { DynoSpec, ObservedDyno } from '../../src/runtime/driver.ts'
import { holderOf } from '../../src/runtime/drivers/docker/container-network.ts'
import { PAUSE_LABEL } from '../../src/runtime/drivers/docker/pause-container.ts'
import { testEngine } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { get, hasExited, SERVER, spec, textsOf, until } from './driver.ts'
import { type DockerWorld, inspected, linesUntil, outputOf, world } from './driver-docker-world.ts'
import { worldBut } from './engine-but.ts'

const LIMIT = 60_000

/** When asked to stop it takes a moment more, and says whether it is in a network still. */
const POLITE = `${SERVER}
const { networkInterfaces } = require('node:os')
process.on('SIGTERM', () => setTimeout(() => {
  console.log('in the network at the end:', 'eth0' in networkInterfaces())
  process.exit(0)
}, 1000))
`

const { skip } = await testEngine()

if (skip !== undefined) describe('docker driver: networks', { skip }, () => test('are put to the test'))
else {
  describe('docker driver: a network that waits', () => {
    test('is what the next web dyno joins: as reachable, and as closed, as one of its own', async t => {
      const the = await world(t)
      const { digest } = await withOneWaiting(the)
      const next = await startWeb(the, digest)
      const holder = await holding(the, next)
      const published = Object.values((await the.engine.getContainer(holder).inspect()).NetworkSettings.Ports)
      assert.deepEqual(
        published.flat().map(({ HostIp }) => HostIp),
        ['127.0.0.1'],
      )
      assert.match(await get(`127.0.0.1:${published.flat()[0]?.HostPort}`), /hello/)
      assert.match(await get(next.address ?? ''), /hello/)
      const command = `curl -s -m 3 http://${next.address}/ || echo out of reach; grep -c host.docker.internal /etc/hosts`
      for (const [appId, expected] of [
        ['app-1', /^hello1$/],
        ['app-2', /^out of reach,1$/],
      ] as const) {
        const texts = await outputOf(the.driver, spec(digest, command, { kind: 'run', appId }))
        assert.match(texts.join(), expected)
      }
    })

    test('is made anew for the one after, and gone with the last of them', async t => {
      const the = await world(t)
      const { digest, first } = await withOneWaiting(the)
      const next = await startWeb(the, digest)
      const holder = await holding(the, next)
      const waiting = await eventually('another waits', async () => {
        const left = (await pauses(the)).filter(({ Id }) => Id !== holder)
        assert.equal(left[0]?.State, 'running')
        return left
      })
      assert.equal(waiting.length, 1)
      for (const dyno of [first, next]) {
        await the.driver.stop(dyno.id, 0)
        await linesUntil(the.driver, dyno, text => text.endsWith(' to down'))
      }
      await nothingIsLeft(the)
    })

    test('leaves nothing behind when the last dyno goes before another network waits', async t => {
      const the = await world(t)
      const { digest, first } = await withOneWaiting(the)
      const next = await startWeb(the, digest)
      await holding(the, next)
      for (const { id } of [first, next]) await the.driver.stop(id, 0)
      // Only what is taken is settled.
      const reading = AbortSignal.timeout(LIMIT)
      let ended = 0
      for await (const batch of the.driver.logs(reading)) {
        ended += batch.lines.filter(({ line }) => line.text.endsWith(' to down')).length
        batch.ack()
        if (ended === 2) break
      }
      await nothingIsLeft(the)
    })

    test('is passed over when somebody stopped or removed it', async t => {
      const the = await world(t)
      const { digest, waiting } = await withOneWaiting(the)
      await the.engine.getContainer(waiting.Id).kill()
      const next = await startWeb(the, digest)
      assert.match(await get(next.address ?? ''), /hello/)
      assert.equal(holderOf((await inspected(the.engine, next)).HostConfig), undefined)
    })

    test('is known again after a restart while a dyno is in it, and goes when none is', async t => {
      const the = await world(t)
      const { digest } = await withOneWaiting(the)
      const next = await startWeb(the, digest)
      const holder = await holding(the, next)
      await eventually('another waits', async () => (await pauses(the)).length === 2 || undefined)
      const before = (await pauses(the)).map(({ Id }) => Id)
      const driver = await the.restart()
      assert.deepEqual(
        (await driver.list()).find(({ id }) => id === next.id),
        next,
      )
      assert.match(await get(next.address ?? ''), /hello/)
      assert.deepEqual(
        (await pauses(the)).map(({ Id }) => Id),
        [holder],
      )
      await eventually('another waits', async () => (await pauses(the)).length === 2 || undefined)
      assert.ok((await pauses(the)).some(({ Id }) => !before.includes(Id)))
    })

    test('that is taken away from a dyno ends the dyno, which says why', async t => {
      const the = await world(t)
      const { digest } = await withOneWaiting(the)
      const next = await startWeb(the, digest)
      await the.engine.getContainer(await holding(the, next)).remove({ force: true })
      assert.equal((await until(the.driver, next.id, hasExited)).exitStatus, 137)
      const texts = await textsOf(the.driver, next, text => text.endsWith(' to crashed'))
      assert.ok(texts.includes('Its network is gone: the container that held it has ended'), texts.join('\n'))
    })

    test('stays with a dyno that the engine lets finish before it stops all', async t => {
      const the = await world(t)
      const { digest } = await withOneWaiting(the)
      const next = await startWeb(the, digest, 'node polite.js')
      const holder = await holding(the, next)
      const all = [(await inspected(the.engine, next)).Id, holder]
      await Promise.all(all.map(id => the.engine.getContainer(id).stop()))
      const { exitStatus } = await until(the.driver, next.id, hasExited)
      const texts = await textsOf(the.driver, next, text => text.endsWith(' to crashed'))
      assert.ok(texts.includes('in the network at the end: true'), texts.join('\n'))
      assert.equal(exitStatus, 0)
    })

    test('that somebody pauses is there all the same', async t => {
      const the = await world(t)
      const { digest } = await withOneWaiting(the)
      const next = await startWeb(the, digest)
      const holder = the.engine.getContainer(await holding(the, next))
      await holder.pause()
      const driver = await the.restart()
      await driver.list()
      assert.match(await get(next.address ?? ''), /hello/)
      assert.deepEqual(
        (await driver.list()).find(({ id }) => id === next.id),
        next,
      )
      await holder.unpause()
    })

    test('goes with the last web dyno, though another kind runs', async t => {
      const the = await world(t)
      const { digest, first } = await withOneWaiting(the)
      const worker = spec(digest, 'sleep 600', { type: 'worker' })
      await the.driver.start(worker)
      await until(the.driver, worker.id, ({ state }) => state === 'running')
      await the.driver.stop(first.id, 0)
      await until(the.driver, first.id, hasExited)
      await eventually('none waits', async () => (await pauses(the)).length === 0 || undefined)
      assert.deepEqual((await the.driver.list()).find(({ id }) => id === worker.id)?.state, 'running')
    })

    test('that was taken away while the control plane was, ends the dyno when it is back', async t => {
      const the = await world(t)
      const { digest } = await withOneWaiting(the)
      const next = await startWeb(the, digest)
      const holder = await holding(the, next)
      the.driver.disconnect()
      await the.engine.getContainer(holder).remove({ force: true })
      assert.equal((await until(await the.restart(), next.id, hasExited)).exitStatus, 137)
    })
  })

  test('docker driver: a network that the engine cannot remove keeps nobody from their dynos', async t => {
    const stuck = new Set<string>()
    const the = await worldBut(t, (method, path) => {
      const [, id = ''] = /\/containers\/(\w+)\?/.exec(path) ?? []
      if (method !== 'DELETE' || !stuck.has(id)) return 'pass'
      const busy = JSON.stringify({ message: 'device is busy' })
      return answer => void answer.writeHead(500, { 'content-type': 'application/json' }).end(busy)
    })
    const dyno = await startWeb(the, await the.image({ 'server.js': SERVER }))
    const left = await eventually('a network waits', async () => (await pauses(the))[0]?.Id)
    stuck.add(left)
    const driver = await the.restart()
    assert.deepEqual(await driver.list(), [dyno])
    stuck.clear()
    await driver.list()
    await eventually(
      'it is gone',
      async () => !(await pauses(the)).some(({ Id }) => Id === left) || undefined,
    )
  })

  test('docker driver: a dyno whose container was made unheard has the network that it was made in', async t => {
    let isCreatedUnheard = false
    const the = await worldBut(t, (method, path) => {
      const isLost = isCreatedUnheard && method === 'POST' && path.includes('/containers/create?name=')
      if (isLost) isCreatedUnheard = false
      return isLost ? 'lose' : 'pass'
    })
    const { digest } = await withOneWaiting(the)
    const web = spec(digest, 'node server.js', { listens: true })
    isCreatedUnheard = true
    await assert.rejects(the.driver.start(web), /could not make/)
    await the.driver.list()
    const { address } = await until(the.driver, web.id, dyno => dyno.isListening)
    assert.match(await get(address ?? ''), /hello/)
    await holding(the, web)
  })

  test('docker driver: a dyno whose network is gone before it starts has it brought back', async t => {
    let isAway = false
    const the = await worldBut(t, async (method, path) => {
      const [, id = ''] = /\/containers\/(\w+)\/start/.exec(path) ?? []
      if (!isAway || method !== 'POST' || id === '') return 'pass'
      isAway = false
      // As an engine does that is stopped just then.
      await the.engine
        .getContainer(holderOf((await the.engine.getContainer(id).inspect()).HostConfig) ?? '')
        .kill()
      return answer => void answer.destroy()
    })
    const { digest } = await withOneWaiting(the)
    isAway = true
    const next = await startWeb(the, digest)
    assert.match(await get(next.address ?? ''), /hello/)
    await holding(the, next)
  })

  test('docker driver: a dyno is asked to stop though the engine does not tell what it printed', async t => {
    const { driver, image } = await worldBut(t, (_, path) => {
      if (!/\/logs\?.*follow=(true|1)/.test(path)) return 'pass'
      return answer =>
        answer.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' }).flushHeaders()
    })
    const one = spec(await image({}), 'echo up; sleep 600')
    await driver.start(one)
    await until(driver, one.id, dyno => dyno.state === 'running')
    await driver.stop(one.id, LIMIT)
    assert.equal((await until(driver, one.id, hasExited)).exitStatus, 143)
  })
}

/** An app with a web dyno, and a network that waits for its next. */
async function withOneWaiting(the: DockerWorld) {
  const digest = await the.image({ 'server.js': SERVER, 'polite.js': POLITE })
  const first = await startWeb(the, digest)
  const waiting = await eventually('a network waits', async () => {
    const [found] = await pauses(the)
    assert.equal(found?.State, 'running')
    return found as ContainerInfo
  })
  return { digest, first, waiting }
}

async function startWeb(
  { driver }: DockerWorld,
  digest: string,
  command = 'node server.js',
): Promise<ObservedDyno> {
  const web = spec(digest, command, { listens: true })
  await driver.start(web)
  return until(driver, web.id, dyno => dyno.isListening)
}

async function pauses({ engine, options }: DockerWorld): Promise<ContainerInfo[]> {
  const filters = { label: [`${PLATFORM_LABEL}=${options.platform}`, PAUSE_LABEL] }
  return engine.listContainers({ all: true, filters })
}

async function nothingIsLeft({ engine, options }: DockerWorld): Promise<void> {
  await eventually('nothing is left', async () => {
    const filters = { label: [`${PLATFORM_LABEL}=${options.platform}`] }
    assert.deepEqual(await engine.listContainers({ all: true, filters }), [])
    assert.deepEqual(await engine.listNetworks({ filters }), [])
    return true
  })
}

/** The id of the container whose network a dyno is in. */
async function holding({ engine }: DockerWorld, dyno: Pick<DynoSpec, 'id'>): Promise<string> {
  const holder = holderOf((await inspected(engine, dyno)).HostConfig)
  assert.ok(holder !== undefined, 'it has a network of its own')
  return holder
}
