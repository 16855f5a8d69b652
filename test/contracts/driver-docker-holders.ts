/** Web dynos, and the containers that hold networks for them. */
import assert from 'node:assert/strict'
import type { ContainerInfo } from 'dockerode'
import { PLATFORM_LABEL } from '../../src/docker/engine.ts'
import type { DynoSpec, ObservedDyno } from '../../src/runtime/driver.ts'
import { holderOf } from '../../src/runtime/drivers/docker/container-network.ts'
import { PAUSE_LABEL } from '../../src/runtime/drivers/docker/pause-container.ts'
import { eventually } from '../support/eventually.ts'
import { SERVER, spec, until } from './driver.ts'
import { type DockerWorld, inspected } from './driver-docker-world.ts'

/** When asked to stop it takes a moment more, and says whether it is in a network still. */
const POLITE = `${SERVER}
const { networkInterfaces } = require('node:os')
process.on('SIGTERM', () => setTimeout(() => {
  console.log('in the network at the end:', 'eth0' in networkInterfaces())
  process.exit(0)
}, 1000))
`

/** An app with a web dyno, and a network that waits for its next. */
export async function withOneWaiting(the: DockerWorld) {
  const digest = await the.image({ 'server.js': SERVER, 'polite.js': POLITE })
  const first = await startWeb(the, digest)
  const waiting = await eventually('a network waits', async () => {
    const [found] = await pauses(the)
    assert.equal(found?.State, 'running')
    return found as ContainerInfo
  })
  return { digest, first, waiting }
}

export async function startWeb(
  { driver }: DockerWorld,
  digest: string,
  command = 'node server.js',
): Promise<ObservedDyno> {
  const web = spec(digest, command, { listens: true })
  await driver.start(web)
  return until(driver, web.id, dyno => dyno.isListening)
}

export async function pauses({ engine, options }: DockerWorld): Promise<ContainerInfo[]> {
  const filters = { label: [`${PLATFORM_LABEL}=${options.platform}`, PAUSE_LABEL] }
  return engine.listContainers({ all: true, filters })
}

/** Each `look` of the driver's may try anew what the engine failed at. */
export async function nothingIsLeft(
  { engine, options }: DockerWorld,
  look: () => Promise<unknown> = async () => {},
): Promise<void> {
  await eventually('nothing is left', async () => {
    await look()
    const filters = { label: [`${PLATFORM_LABEL}=${options.platform}`] }
    assert.deepEqual(await engine.listContainers({ all: true, filters }), [])
    assert.deepEqual(await engine.listNetworks({ filters }), [])
    return true
  })
}

/** The id of the container whose network a dyno is in. */
export async function holding({ engine }: DockerWorld, dyno: Pick<DynoSpec, 'id'>): Promise<string> {
  const holder = holderOf((await inspected(engine, dyno)).HostConfig)
  assert.ok(holder !== undefined, 'it has a network of its own')
  return holder
}
