/** What an engine does not let go of at once. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { PAUSE_LABEL } from '../../src/runtime/drivers/docker/pause-container.ts'
import { testEngine } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { hasExited, SERVER, spec, textsOf, until } from './driver.ts'
import { nothingIsLeft, startWeb } from './driver-docker-holders.ts'
import { type DockerWorld, inspected, linesUntil } from './driver-docker-world.ts'
import { refusal, worldBut } from './engine-but.ts'

const LIMIT = 60_000

const { skip } = await testEngine()

if (skip !== undefined) describe('docker driver: leftovers', { skip }, () => test('are put to the test'))
else {
  describe('docker driver: a container that the engine cannot remove', () => {
    test('is no new dyno after it was forgotten: its lines are not told again', async t => {
      let stuck = ''
      const refused = Promise.withResolvers<void>()
      const the = await worldBut(t, (method, path) => {
        if (stuck === '' || !isRemoval(method, path, `containers/${stuck}`)) return 'pass'
        refused.resolve()
        return refusal('device is busy')
      })
      const { driver, image } = the
      const digest = await image({})
      const one = spec(digest, 'echo hello')
      await driver.start(one)
      stuck = (await inspected(the.engine, one)).Id
      await linesUntil(driver, one, isLastLine)
      await refused.promise
      // Answered after that.
      await inspected(the.engine, one)
      await driver.forget([one.id])
      assert.deepEqual(await driver.list(), [])
      stuck = ''
      await nothingIsLeft(the, () => driver.list())
      assert.deepEqual(await driver.list(), [])
      // The first that is told is of the next dyno.
      const next = spec(digest, 'echo next')
      await driver.start(next)
      for await (const { lines, ack } of driver.logs(AbortSignal.timeout(LIMIT))) {
        assert.ok(lines.every(({ dyno }) => dyno?.id === next.id))
        ack()
        if (lines.some(({ line }) => isLastLine(line.text))) break
      }
    })

    test('comes to no life after it was forgotten, when it had failed to start', async t => {
      let stuck = ''
      const refused = Promise.withResolvers<void>()
      const the = await worldBut(t, (method, path) => {
        const [, started = ''] = /\/containers\/(\w+)\/start$/.exec(path) ?? []
        if (stuck === '' && started !== '') {
          stuck = started
          return refusal('no room')
        }
        if (stuck === '' || !isRemoval(method, path, `containers/${stuck}`)) return 'pass'
        refused.resolve()
        return refusal('device is busy')
      })
      const { driver, image } = the
      const one = spec(await image({}), 'sleep 600')
      await driver.start(one)
      assert.match((await until(driver, one.id, hasExited)).fault ?? '', /no room/)
      await textsOf(driver, one, isLastLine)
      await refused.promise
      // Answered after that.
      await inspected(the.engine, one)
      await driver.forget([one.id])
      stuck = ''
      await nothingIsLeft(the, () => driver.list())
      assert.deepEqual(await driver.list(), [])
    })
  })

  describe('docker driver: an app’s network that the engine cannot remove', () => {
    test('goes at a later look', async t => {
      let isBroken = false
      const refused = Promise.withResolvers<void>()
      const the = await worldBut(t, (method, path) => {
        if (!isBroken || !isRemoval(method, path, 'networks/')) return 'pass'
        isBroken = false
        refused.resolve()
        return answer => void answer.destroy()
      })
      const { driver, image } = the
      const one = spec(await image({}), 'echo hello')
      isBroken = true
      await driver.start(one)
      await linesUntil(driver, one, isLastLine)
      await refused.promise
      await driver.forget([one.id])
      await nothingIsLeft(the, () => driver.list())
    })

    test('goes after the container that held one in it, and whose start went unheard', async t => {
      let isStartUnheard = true
      const the: DockerWorld = await worldBut(t, async (method, path) => {
        const [, id = ''] = /\/containers\/(\w+)\/start$/.exec(path) ?? []
        if (!isStartUnheard || method !== 'POST' || id === '') return 'pass'
        const { Config } = await the.engine.getContainer(id).inspect()
        if (Config.Labels[PAUSE_LABEL] === undefined) return 'pass'
        isStartUnheard = false
        return 'lose'
      })
      const { driver, image } = the
      const web = await startWeb(the, await image({ 'server.js': SERVER }))
      await eventually('its start goes unheard', async () => !isStartUnheard || undefined)
      await driver.stop(web.id, 0)
      await linesUntil(driver, web, isLastLine)
      await nothingIsLeft(the, () => driver.list())
    })

    test('does not keep the control plane from starting', async t => {
      let isBroken = true
      const the = await worldBut(t, (method, path) =>
        isBroken && isRemoval(method, path, 'networks/') ? refusal('iptables failed') : 'pass',
      )
      const { driver, image } = the
      const one = spec(await image({}), 'echo hello')
      await driver.start(one)
      await linesUntil(driver, one, isLastLine)
      const next = await the.restart()
      isBroken = false
      await nothingIsLeft(the, () => next.list())
    })
  })

  test('docker driver: of a dyno forgotten while its network goes nothing stays on record', async t => {
    const going = Promise.withResolvers<void>()
    const forgotten = Promise.withResolvers<void>()
    const { driver, image, options } = await worldBut(t, async (method, path) => {
      const isGoing = isRemoval(method, path, 'networks/')
      if (isGoing) going.resolve()
      if (isGoing) await forgotten.promise
      return 'pass' as const
    })
    const one = spec(await image({}), 'echo hello')
    await driver.start(one)
    await linesUntil(driver, one, isLastLine)
    await going.promise
    await driver.forget([one.id])
    forgotten.resolve()
    await eventually('nothing is on record', async () => {
      assert.deepEqual(await readdir(join(options.directory, 'dynos')), [])
      return true
    })
  })
}

function isRemoval(method: string, path: string, of: string): boolean {
  return method === 'DELETE' && path.includes(of)
}

function isLastLine(text: string): boolean {
  return / to (down|complete|crashed)$/.test(text)
}
