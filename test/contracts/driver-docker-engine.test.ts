import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineUnavailable } from '../../src/docker/engine.ts'
import { OwnEngine, testEngine } from '../support/docker.ts'
import { hasExited, spec, textsOf, until } from './driver.ts'
import { linesUntil, world } from './driver-docker-world.ts'

const NOT_ROOT = process.getuid?.() === 0 ? false : 'Only root may start an engine of its own.'
const { skip = NOT_ROOT } = await testEngine()

test('docker driver: an engine that stops is said to be away, and found again when it is back', {
  skip,
}, async t => {
  const own = await OwnEngine.start()
  const made = world(t, { socket: own.socket })
  // After the world's own end, which needs the engine.
  await made.finally(() => t.after(() => own.close()))
  const { driver, image } = await made
  const digest = await image({})
  const one = spec(digest, 'echo up; sleep 600')
  await driver.start(one)
  await textsOf(driver, one, text => text === 'up')
  await own.stop()
  const next = spec(digest, 'echo back', { kind: 'run' })
  for (const call of [() => driver.list(), () => driver.start(next)])
    await assert.rejects(call, (error: Error) => {
      assert.match(error.message, /^The Docker engine could not .*: nothing answers on its socket/)
      return error instanceof EngineUnavailable
    })
  await own.start()
  const exited = await until(driver, one.id, hasExited)
  assert.ok(exited.exitStatus !== null && exited.exitStatus >= 128, String(exited.exitStatus))
  await linesUntil(driver, one, text => text === 'State changed from up to crashed')
  await driver.start(next)
  const lines = await linesUntil(driver, next, text => text.startsWith('State changed from up'))
  assert.ok(lines.some(({ line }) => line.text === 'back'))
  assert.equal((await driver.list()).length, 2)
})
