/** Servers of add-ons outlive the control plane, and end with the platform. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ProviderUnavailable } from '../../src/addons/provider.ts'
import { identify } from '../../src/addons/providers/redis/processes.ts'
import { eventually } from '../support/eventually.ts'
import { withoutRedis } from '../support/redis.ts'
import { resourceOf } from './addon-provider.ts'
import { made, processOf, redisWorld } from './addon-provider-redis.ts'

const CONTROL_PLANE = fileURLToPath(new URL('addon-provider-redis-control-plane.fixture.ts', import.meta.url))
const signal = (): AbortSignal => AbortSignal.timeout(60_000)

describe('Redis, a server for each: starts and ends', { skip: withoutRedis }, () => {
  test('what is in it survives the end of the platform and its next start, at the same address', async t => {
    const world = await redisWorld(t)
    const all = await Promise.all([made(world.provider), made(world.provider), made(world.provider)])
    for (const { config } of all) await world.write(config, 'kept', 'yes')
    const pids = await Promise.all(all.map(({ resource }) => processOf(world.options, resource.id)))
    await world.provider.stop()
    for (const pid of pids) assert.equal(await identify(pid), undefined)
    await world.restart()
    for (const { config } of all) assert.equal(await world.read(config, 'kept'), 'yes')
  })

  test('a control plane that is killed leaves its servers running, and the next one adopts them', async t => {
    const world = await redisWorld(t)
    const resource = resourceOf(world.provider)
    const plane = spawn(process.execPath, [CONTROL_PLANE], { stdio: ['pipe', 'pipe', 'inherit'] })
    const options = { ...world.options, key: Buffer.from(world.options.key).toString('hex') }
    plane.stdin.write(`${JSON.stringify({ options, resource })}\n`)
    const [said] = (await once(plane.stdout.setEncoding('utf8'), 'data')) as [string]
    const { config } = JSON.parse(said) as { config: Record<string, string> }
    await world.write(config, 'kept', 'yes')
    const ended = once(plane, 'exit')
    plane.kill('SIGKILL')
    await ended
    const pid = await processOf(world.options, resource.id)
    assert.equal(await world.read(config, 'kept'), 'yes')
    // Whoever starts a server may be killed before it wrote down which process it is.
    await rm(join(world.options.directory, 'servers', resource.id, 'process.json'))
    const next = await world.restart()
    assert.equal(await processOf(world.options, resource.id), pid)
    await next.stop()
    assert.equal(await identify(pid), undefined)
  })

  test('a server that is killed is started again, with what was in it', async t => {
    const world = await redisWorld(t)
    const { resource, config } = await made(world.provider)
    await world.write(config, 'kept', 'yes')
    // Written to disk each second, so that a kill may cost the last one.
    await eventually(
      'it is on disk',
      async () => (await isOnDisk(world.options.directory, resource.id)) || undefined,
    )
    process.kill(await processOf(world.options, resource.id), 'SIGKILL')
    await eventually('it is back', async () => (await world.read(config, 'kept')) === 'yes' || undefined)
    // It answers apps a moment before it is written down which process it is.
    assert.equal(await world.provider.status(resource, signal()), 'here')
    process.kill(await processOf(world.options, resource.id), 'SIGKILL')
    // Whoever asks while it dies is told to ask again.
    const asked = async () => (await world.provider.status(resource, signal())) === 'here'
    await eventually('it is there when it is asked for', async () => (await asked()) || undefined)
  })

  test('a server that does not listen to us is ended all the same', async t => {
    const world = await redisWorld(t)
    const { resource } = await made(world.provider)
    const pid = await processOf(world.options, resource.id)
    process.kill(pid, 'SIGSTOP')
    await world.provider.stop()
    assert.equal(await identify(pid), undefined)
  })

  test('a released control plane lets them run, and starts none any more', async t => {
    const world = await redisWorld(t)
    const { resource, config } = await made(world.provider)
    world.provider.release()
    await world.write(config, 'kept', 'yes')
    await assert.rejects(world.provider.status(resource, signal()), ProviderUnavailable)
  })
})

async function isOnDisk(directory: string, id: string): Promise<boolean> {
  const below = join(directory, 'servers', id, 'data', 'appendonlydir')
  const texts = await Promise.all((await readdir(below)).map(name => readFile(join(below, name), 'latin1')))
  return texts.some(text => text.includes('kept'))
}
