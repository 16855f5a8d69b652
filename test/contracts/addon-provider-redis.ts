/** Providers of Redis in places of their own, as the suite sees them. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { HostedProvider } from '../../src/addons/provider.ts'
import { openRedis, type RedisOptions } from '../../src/addons/providers/redis/provider.ts'
import { SharedRedis, withClient } from '../support/redis.ts'
import { type ProviderWorld, provisioned, resourceOf } from './addon-provider.ts'

export interface RedisWorld extends ProviderWorld {
  provider: HostedProvider
  options: RedisOptions
  /** Another control plane on the same directory; options may have changed meanwhile. */
  open(changes?: Partial<RedisOptions>): HostedProvider
  restart(): Promise<HostedProvider>
}

export async function redisWorld(t: TestContext, more: Partial<RedisOptions> = {}): Promise<RedisWorld> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-redis-'))
  const options = { directory: join(home, 'redis'), key: randomBytes(32), ...more }
  const planes: HostedProvider[] = []
  const open = (changes: Partial<RedisOptions> = {}): HostedProvider => {
    const plane = openRedis({ ...options, ...changes })
    planes.push(plane)
    return plane
  }
  t.after(async () => {
    for (const plane of planes) plane.release()
    await openRedis(options).stop()
    await rm(home, { recursive: true, force: true })
  })
  return {
    provider: open(),
    options,
    open,
    restart: async () => {
      const next = open()
      await next.resume()
      return next
    },
    write: async ({ REDIS_URL = '' }, key, value) => {
      await withClient(REDIS_URL, client => client.set(key, value))
    },
    read: async ({ REDIS_URL = '' }, key) =>
      withClient(REDIS_URL, async client => (await client.get(key)) ?? undefined),
    cutOff: async () => {
      await rename(options.directory, `${options.directory}-away`)
      await writeFile(options.directory, 'no directory')
      return async () => {
        await rm(options.directory)
        await rename(`${options.directory}-away`, options.directory)
      }
    },
  }
}

export interface SharedWorld extends RedisWorld {
  shared: SharedRedis
}

/** `settings` are lines of the configuration of the server that add-ons have in common. */
export async function sharedWorld(t: TestContext, settings?: readonly string[]): Promise<SharedWorld> {
  const shared = await SharedRedis.start(settings)
  const world = await redisWorld(t, { adminUrl: shared.url })
  t.after(() => shared[Symbol.asyncDispose]())
  const cutOff = async () => {
    await shared.halt()
    return () => shared.run()
  }
  return { ...world, shared, cutOff }
}

/** A resource that was provisioned, with its URL. */
export async function made(provider: HostedProvider, plan = 'mini') {
  const { resource, config } = await provisioned(provider, resourceOf(provider, { plan }))
  return { resource, url: config.REDIS_URL ?? '', config }
}

/** The process of a server of its own, as its record says. */
export async function processOf({ directory }: RedisOptions, id: string): Promise<number> {
  const text = await readFile(join(directory, 'servers', id, 'process.json'), 'utf8')
  const { pid } = JSON.parse(text) as { pid: number }
  assert.ok(pid > 1)
  return pid
}
