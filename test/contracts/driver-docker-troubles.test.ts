/** An engine that refuses, breaks off or answers late. */
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { LONGEST_CALL } from '../../src/docker/engine.ts'
import { holderOf } from '../../src/runtime/drivers/docker/container-network.ts'
import { testEngine } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { get, hasExited, SERVER, spec, textsOf, until } from './driver.ts'
import { holding, pauses, startWeb, withOneWaiting } from './driver-docker-holders.ts'
import { inspected } from './driver-docker-world.ts'
import { refusal, worldBut } from './engine-but.ts'

const LIMIT = 60_000
/** Ends when it is killed. */
const DEAF = "trap '' TERM; while true; do sleep 1; done"

const { skip } = await testEngine()

if (skip !== undefined)
  describe('docker driver: an engine in trouble', { skip }, () => test('is put to the test'))
else {
  test('docker driver: a network that the engine cannot remove keeps nobody from their dynos', async t => {
    const stuck = new Set<string>()
    const the = await worldBut(t, (method, path) => {
      const [, id = ''] = /\/containers\/(\w+)\?/.exec(path) ?? []
      return method === 'DELETE' && stuck.has(id) ? refusal('device is busy') : 'pass'
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

  test('docker driver: a network that waits no more and cannot be removed keeps nobody from a dyno', async t => {
    let stuck = ''
    const the = await worldBut(t, (method, path) => {
      const isRefused = stuck !== '' && method === 'DELETE' && path.includes(stuck)
      return isRefused ? refusal('device is busy') : 'pass'
    })
    const { digest, waiting } = await withOneWaiting(the)
    stuck = waiting.Id
    await the.engine.getContainer(waiting.Id).kill()
    const { address } = await startWeb(the, digest)
    assert.match(await get(address ?? ''), /hello/)
    stuck = ''
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

  test('docker driver: a network stays for a dyno whose container may be made yet, as long as that may be', async t => {
    let made = Promise.withResolvers<void>()
    let [isLate, now] = [false, 0]
    const the = await worldBut(
      t,
      (method, path) => {
        if (!isLate || method !== 'POST' || !path.includes('/containers/create?name=')) return 'pass'
        isLate = false
        return { unheardAfter: made.promise }
      },
      { monotonic: () => now },
    )
    const { digest, waiting } = await withOneWaiting(the)
    const web = spec(digest, 'node server.js', { listens: true })
    isLate = true
    await assert.rejects(the.driver.start(web), /could not make/)
    await the.driver.list()
    made.resolve()
    await eventually('it is known', async () => (await the.driver.list()).find(({ id }) => id === web.id))
    assert.equal(await holding(the, web), waiting.Id)
    const { address } = await until(the.driver, web.id, dyno => dyno.isListening)
    assert.match(await get(address ?? ''), /hello/)

    const next = await eventually('another waits', async () =>
      (await pauses(the)).find(({ Id, State }) => Id !== waiting.Id && State === 'running'),
    )
    made = Promise.withResolvers<void>()
    isLate = true
    await assert.rejects(the.driver.start(spec(digest, 'true', { listens: true })), /could not make/)
    await the.driver.list()
    assert.ok((await pauses(the)).some(({ Id }) => Id === next.Id))
    now = LONGEST_CALL
    await the.driver.list()
    assert.ok(!(await pauses(the)).some(({ Id }) => Id === next.Id))
  })

  test('docker driver: a dyno whose container was made unheard runs when it is asked for again', async t => {
    let isCreatedUnheard = true
    const { driver, image } = await worldBut(t, (method, path) => {
      const isLost = isCreatedUnheard && method === 'POST' && path.includes('/containers/create?name=')
      if (!isLost || !path.includes('-worker.')) return 'pass'
      isCreatedUnheard = false
      return 'lose'
    })
    const worker = spec(await image({}), 'sleep 600')
    await assert.rejects(driver.start(worker), /could not make/)
    await driver.start(worker)
    const dyno = await until(driver, worker.id, ({ state }) => state !== 'starting')
    assert.deepEqual([dyno.state, dyno.fault], ['running', null])
  })

  test('docker driver: a dyno whose network is gone before it starts has it brought back', async t => {
    const unheard = new Set<'dyno' | 'holder'>()
    const the = await worldBut(t, async (method, path) => {
      const [, id = ''] = /\/containers\/(\w+)\/start/.exec(path) ?? []
      if (unheard.size === 0 || method !== 'POST' || id === '') return 'pass'
      const holder = holderOf((await the.engine.getContainer(id).inspect()).HostConfig)
      if (!unheard.delete(holder === undefined ? 'holder' : 'dyno')) return 'pass'
      // As an engine does that is stopped just then.
      if (holder !== undefined) await the.engine.getContainer(holder).kill()
      return answer => void answer.destroy()
    })
    const { digest } = await withOneWaiting(the)
    unheard.add('dyno').add('holder')
    const next = await startWeb(the, digest)
    assert.match(await get(next.address ?? ''), /hello/)
    await holding(the, next)
  })

  test('docker driver: a dyno of which the engine cannot tell harms no other, and is known again later', async t => {
    const { the, silence } = await worldWithDamage(t)
    const { digest, first } = await withOneWaiting(the)
    const next = await startWeb(the, digest)
    const holder = await holding(the, next)
    silence.about = (await inspected(the.engine, next)).Id
    const driver = await the.restart()
    // With a look of its own each.
    for (let look = 0; look < 2; look++) assert.deepEqual(await driver.list(), [first])
    silence.about = ''
    assert.deepEqual(
      (await driver.list()).find(({ id }) => id === next.id),
      next,
    )
    assert.match(await get(next.address ?? ''), /hello/)
    assert.equal(await holding(the, next), holder)
    // The record was kept: what was said once is not said again.
    await driver.stop(next.id, 0)
    const texts = await textsOf(driver, next, text => text.endsWith(' to down'))
    assert.equal(texts.filter(text => text.startsWith('Starting process')).length, 1)
  })

  test('docker driver: a holder of which the engine cannot tell harms no dyno', async t => {
    const { the, silence } = await worldWithDamage(t)
    const { digest, first } = await withOneWaiting(the)
    const next = await startWeb(the, digest)
    silence.about = await holding(the, next)
    const driver = await the.restart()
    assert.deepEqual((await driver.list()).map(({ id }) => id).sort(), [first.id, next.id].sort())
    silence.about = ''
    assert.match(await get(next.address ?? ''), /hello/)
  })

  test('docker driver: no look that fails leaves its connection open', async t => {
    let [isRefused, opened, open] = [false, 0, 0]
    await worldBut(t, (_, path) => {
      if (isRefused && path.includes('/containers/json')) return refusal('not now')
      if (!path.includes('/events')) return 'pass'
      return answer => {
        opened++
        open++
        answer.on('close', () => open--)
        answer.writeHead(200).flushHeaders()
        if (opened > 1) return
        // The connection is lost, and opened again.
        isRefused = true
        setImmediate(() => answer.end())
      }
    })
    await eventually('several were opened', async () => opened > 3 || undefined)
    assert.ok(open <= 1, `${open} are open`)
    isRefused = false
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

  test('docker driver: a dyno is killed in the end though the engine fails at it once', async t => {
    let isFailing = true
    const { driver, image } = await worldBut(t, (method, path) => {
      if (!isFailing || method !== 'POST' || !path.includes('/kill?signal=SIGKILL')) return 'pass'
      isFailing = false
      return refusal('tried to kill container, but did not receive an exit event')
    })
    const one = spec(await image({}), DEAF)
    await driver.start(one)
    await until(driver, one.id, dyno => dyno.state === 'running')
    await driver.stop(one.id, 0)
    assert.equal((await until(driver, one.id, hasExited)).exitStatus, 137)
    assert.equal(isFailing, false)
  })

  test('docker driver: a dyno whose time is up before the engine has started it is killed when it has', async t => {
    let isAway = true
    const refused = Promise.withResolvers<void>()
    const { driver, image } = await worldBut(t, (method, path) => {
      if (isAway && method === 'POST' && path.endsWith('/start')) return answer => void answer.destroy()
      if (path.includes('/kill?signal=SIGKILL')) refused.resolve()
      return 'pass'
    })
    const one = spec(await image({}), DEAF)
    await driver.start(one)
    await driver.stop(one.id, 0)
    await refused.promise
    isAway = false
    assert.equal((await until(driver, one.id, hasExited)).exitStatus, 137)
  })
}

/** An engine that cannot tell of the container that `silence` is about. */
async function worldWithDamage(t: TestContext) {
  const silence = { about: '' }
  const the = await worldBut(t, (method, path) => {
    const isAsked =
      silence.about !== '' && method === 'GET' && path.includes(`/containers/${silence.about}/json`)
    return isAsked ? refusal('its file is damaged') : 'pass'
  })
  return { the, silence }
}
