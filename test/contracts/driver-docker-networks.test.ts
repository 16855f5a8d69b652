import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type Docker from 'dockerode'
import { holderOf } from '../../src/runtime/drivers/docker/container-network.ts'
import { testEngine } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { get, hasExited, spec, textsOf, until } from './driver.ts'
import { holding, nothingIsLeft, pauses, startWeb, withOneWaiting } from './driver-docker-holders.ts'
import { inspected, linesUntil, outputOf, world } from './driver-docker-world.ts'

const LIMIT = 60_000

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

    for (const [what, befall] of [
      ['left and made again', holder => holder.restart({ t: 0 })],
      ['taken away', holder => holder.remove({ force: true })],
    ] as [string, (holder: Docker.Container) => Promise<unknown>][])
      test(`that was ${what} while the control plane was away, ends the dyno when it is back`, async t => {
        const the = await world(t)
        const { digest } = await withOneWaiting(the)
        const next = await startWeb(the, digest)
        const holder = the.engine.getContainer(await holding(the, next))
        the.driver.disconnect()
        await befall(holder)
        assert.equal((await until(await the.restart(), next.id, hasExited)).exitStatus, 137)
      })
  })
}
