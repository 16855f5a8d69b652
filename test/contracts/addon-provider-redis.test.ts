import { randomBytes } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import type { HostedProvider } from '../../src/addons/provider.ts'
import { openRedis, type RedisOptions } from '../../src/addons/providers/redis/provider.ts'
import { SharedRedis, withClient, withoutRedis } from '../support/redis.ts'
import { describeProvider, type ProviderWorld } from './addon-provider.ts'

interface RedisWorld extends ProviderWorld {
  provider: HostedProvider
  options: RedisOptions
  restart(): Promise<HostedProvider>
}

async function world(t: TestContext, more: Partial<RedisOptions> = {}): Promise<RedisWorld> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-redis-'))
  const options = { directory: join(home, 'redis'), key: randomBytes(32), ...more }
  const planes = [openRedis(options)]
  t.after(async () => {
    for (const plane of planes) plane.release()
    await openRedis(options).stop()
    await rm(home, { recursive: true, force: true })
  })
  return {
    provider: planes[0] as HostedProvider,
    options,
    restart: async () => {
      const next = openRedis(options)
      planes.push(next)
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

async function sharedWorld(t: TestContext): Promise<RedisWorld & { shared: SharedRedis }> {
  const shared = await SharedRedis.start()
  const made = await world(t, { adminUrl: shared.url })
  t.after(() => shared[Symbol.asyncDispose]())
  return {
    ...made,
    shared,
    cutOff: async () => {
      await shared.halt()
      return () => shared.run()
    },
  }
}

describe('Redis', { skip: withoutRedis }, () => {
  describeProvider('Redis, a server for each', t => world(t))
  describeProvider('Redis, a database for each', sharedWorld)
})
