/** Containers that say they are the platform's: those of a build carry whatever labels its Dockerfile sets. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import { PLATFORM_LABEL } from '../../src/docker/engine.ts'
import type { DynoSpec } from '../../src/runtime/driver.ts'
import { dynoLabels } from '../../src/runtime/drivers/docker/labels.ts'
import { PAUSE_LABEL } from '../../src/runtime/drivers/docker/pause-container.ts'
import { STACK_IMAGE, testEngine } from '../support/docker.ts'
import { hasExited, spec, textsOf, until } from './driver.ts'
import { type DockerWorld, EAT, oomOf, world } from './driver-docker-world.ts'

const { skip } = await testEngine()

if (skip !== undefined) describe('docker driver: impostors', { skip }, () => test('are put to the test'))
else {
  test('docker driver: what only its labels make a dyno, or the holder of a network, is neither', async t => {
    const the = await world(t)
    const [one, nobody] = [spec(await the.image({}), 'sleep 600'), spec('no image', 'sleep 600')]
    await the.driver.start(one)
    const dyno = await until(the.driver, one.id, ({ state }) => state === 'running')
    const impostors = [
      await impostor(the, labelsOf(the, one)),
      await impostor(the, labelsOf(the, nobody)),
      await impostor(the, { [PLATFORM_LABEL]: the.options.platform, [PAUSE_LABEL]: 'true' }),
    ]
    assert.deepEqual(await the.driver.list(), [dyno])
    const next = await the.restart()
    assert.deepEqual(await next.list(), [dyno])
    await next.stop(one.id, 0)
    await until(next, one.id, hasExited)
    await textsOf(next, one, text => text.endsWith(' to down'))
    await next.forget([one.id])
    assert.deepEqual(await next.list(), [])
    for (const container of impostors) assert.ok((await container.inspect()).State.Running)
  })

  test('docker driver: what befalls a container that says it is a dyno does not befall the dyno', async t => {
    const the = await world(t)
    const digest = await the.image({})
    const [one, last] = [spec(digest, 'sleep 600'), spec(digest, `${EAT} & sleep 600`)]
    await the.driver.start(one)
    await until(the.driver, one.id, ({ state }) => state === 'running')
    const Memory = 32 * 1024 ** 2
    const greedy = await impostor(the, labelsOf(the, one), {
      Cmd: ['bash', '-c', `${EAT}; sleep 600`],
      HostConfig: { Memory, MemorySwap: Memory },
    })
    await oomOf(the.engine, greedy)
    await the.driver.start(last)
    // The engine tells what happens in order: all before that was heard.
    await textsOf(the.driver, last, text => text === 'Error R15 (Memory quota vastly exceeded)')
    assert.equal((await the.driver.list()).find(({ id }) => id === one.id)?.state, 'running')
  })
}

function labelsOf({ options }: DockerWorld, one: DynoSpec): Record<string, string> {
  return dynoLabels(one, options.platform, Date.now())
}

/** As an engine makes it for a step of a build: with a name of its own choice. */
async function impostor(
  { engine }: DockerWorld,
  Labels: Record<string, string>,
  more: ContainerCreateOptions = {},
): Promise<Docker.Container> {
  const options = { Image: STACK_IMAGE, Cmd: ['sleep', '600'], Labels, ...more }
  const container = await engine.createContainer(options)
  await container.start()
  return container
}
