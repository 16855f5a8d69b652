import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { ContainerInfo } from 'dockerode'
import { PLATFORM_LABEL } from '../../src/docker/engine.ts'
import type { DynoSpec, ObservedDyno } from '../../src/runtime/driver.ts'
import { holderOf } from '../../src/runtime/drivers/docker/container-network.ts'
import { PAUSE_LABEL } from '../../src/runtime/drivers/docker/pause-container.ts'
import { testEngine } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { get, hasExited, SERVER, spec, textsOf, until } from './driver.ts'
import { type DockerWorld, inspected, linesUntil, outputOf, world } from './driver-docker-world.ts'

const LIMIT = 60_000
const SOCKET = '/var/run/docker.sock'

const { skip } = await testEngine()

if (skip !== undefined) describe('docker driver: networks', { skip }, () => test('are put to the test'))
else {
  describe('docker driver: a network that waits', () => {
    test('is what the next web dyno joins: as reachable, and as closed, as one of its own', async t => {
      const { the, digest } = await withOneWaiting(t)
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
      const { the, digest, first } = await withOneWaiting(t)
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
      const { the, digest, first } = await withOneWaiting(t)
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
      const { the, digest, waiting } = await withOneWaiting(t)
      await the.engine.getContainer(waiting.Id).kill()
      const next = await startWeb(the, digest)
      assert.match(await get(next.address ?? ''), /hello/)
      assert.equal(holderOf((await inspected(the.engine, next)).HostConfig), undefined)
    })

    test('is known again after a restart while a dyno is in it, and goes when none is', async t => {
      const { the, digest } = await withOneWaiting(t)
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
      const { the, digest } = await withOneWaiting(t)
      const next = await startWeb(the, digest)
      await the.engine.getContainer(await holding(the, next)).remove({ force: true })
      assert.equal((await until(the.driver, next.id, hasExited)).exitStatus, 137)
      const texts = await textsOf(the.driver, next, text => text.endsWith(' to crashed'))
      assert.ok(texts.includes('Its network is gone: the container that held it has ended'), texts.join('\n'))
    })

    test('that was taken away while the control plane was, ends the dyno when it is back', async t => {
      const { the, digest } = await withOneWaiting(t)
      const next = await startWeb(the, digest)
      const holder = await holding(the, next)
      the.driver.disconnect()
      await the.engine.getContainer(holder).remove({ force: true })
      assert.equal((await until(await the.restart(), next.id, hasExited)).exitStatus, 137)
    })
  })

  test('docker driver: a network that the engine cannot remove keeps nobody from their dynos', async t => {
    const stuck = new Set<string>()
    const { socket, close } = await engineBut((method, path, answer) => {
      const [, id = ''] = /\/containers\/(\w+)\?/.exec(path) ?? []
      if (method !== 'DELETE' || !stuck.has(id)) return false
      answer.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"device is busy"}')
      return true
    })
    const made = world(t, { socket })
    await made.finally(() => t.after(close))
    const the = await made
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

  test('docker driver: a dyno is asked to stop though the engine does not tell what it printed', async t => {
    const { socket, close } = await engineBut((_, path, answer) => {
      if (!/\/logs\?.*follow=(true|1)/.test(path)) return false
      answer.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' }).flushHeaders()
      return true
    })
    const made = world(t, { socket })
    // After the world's own end, which needs the engine.
    await made.finally(() => t.after(close))
    const { driver, image } = await made
    const one = spec(await image({}), 'echo up; sleep 600')
    await driver.start(one)
    await until(driver, one.id, dyno => dyno.state === 'running')
    await driver.stop(one.id, LIMIT)
    assert.equal((await until(driver, one.id, hasExited)).exitStatus, 143)
  })
}

/** An app with a web dyno, and a network that waits for its next. */
async function withOneWaiting(t: TestContext) {
  const the = await world(t)
  const digest = await the.image({ 'server.js': SERVER })
  const first = await startWeb(the, digest)
  const waiting = await eventually('a network waits', async () => {
    const [found] = await pauses(the)
    assert.equal(found?.State, 'running')
    return found as ContainerInfo
  })
  return { the, digest, first, waiting }
}

async function startWeb({ driver }: DockerWorld, digest: string): Promise<ObservedDyno> {
  const web = spec(digest, 'node server.js', { listens: true })
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

/** The machine's engine, but for what `instead` answers itself. */
async function engineBut(
  instead: (method: string, path: string, answer: ServerResponse) => boolean,
): Promise<{ socket: string; close: () => void }> {
  const socket = join(tmpdir(), `tidemark-engine-${randomBytes(4).toString('hex')}.sock`)
  const server = createServer((asked, answer) => {
    const { method = '', url: path = '', headers } = asked
    if (instead(method, path, answer)) return
    const passed = request({ socketPath: SOCKET, method, path, headers }, given => {
      answer.writeHead(given.statusCode ?? 500, given.headers)
      answer.flushHeaders()
      given.pipe(answer)
    })
    answer.on('close', () => passed.destroy())
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { socket, close }
}
