/** What a server of its own promises an add-on beyond what every provider does. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { ProviderRefusal, ProviderUnavailable } from '../../src/addons/provider.ts'
import { type Client, connect, withClient, withoutRedis } from '../support/redis.ts'
import { resourceOf } from './addon-provider.ts'
import { made, processOf, redisWorld } from './addon-provider-redis.ts'

const isRoot = process.getuid?.() === 0
const signal = (): AbortSignal => AbortSignal.timeout(60_000)
const MEGABYTE = 'x'.repeat(1024 * 1024)

describe('Redis, a server for each: plans', { skip: withoutRedis }, () => {
  test('memory holds, grows at once with the plan, and does not shrink below what is in it', async t => {
    const { provider } = await redisWorld(t)
    const { resource, url } = await made(provider)
    await withClient(url, async client => {
      await assert.rejects(fill(client, 30), /OOM/)
      await provider.changePlan({ ...resource, plan: 'premium-0' }, signal())
      await fill(client, 30)
      await assert.rejects(
        provider.changePlan({ ...resource, plan: 'mini' }, signal()),
        error => error instanceof ProviderRefusal && /takes \d+ MB; the plan has 25 MB/.test(error.message),
      )
      await client.flushAll()
      await provider.changePlan({ ...resource, plan: 'mini' }, signal())
      await assert.rejects(fill(client, 30), /OOM/)
    })
  })

  test('so do connections, also after the next start', async t => {
    const world = await redisWorld(t)
    const { resource, url } = await made(world.provider)
    assert.equal(await connectionsOf(url, 45), 20)
    await world.provider.changePlan({ ...resource, plan: 'premium-0' }, signal())
    await world.provider.stop()
    await world.provider.resume()
    assert.equal(await connectionsOf(url, 45), 40)
  })
})

describe('Redis, a server for each: safety', { skip: withoutRedis }, () => {
  test('an app looks after its data, not after the server', async t => {
    const { provider } = await redisWorld(t)
    const { url } = await made(provider)
    for (const words of [
      ['CONFIG', 'GET', 'maxmemory'],
      ['CONFIG', 'SET', 'maxmemory', '1gb'],
      ['ACL', 'LIST'],
      ['ACL', 'SETUSER', 'default', 'on', 'nopass', '+@all'],
      ['DEBUG', 'SLEEP', '0'],
      ['MODULE', 'LIST'],
      ['REPLICAOF', 'NO', 'ONE'],
      ['CLIENT', 'KILL', 'USER', 'tidemark'],
      ['MONITOR'],
      ['SAVE'],
      ['SHUTDOWN', 'NOSAVE'],
    ]) {
      await assert.rejects(
        withClient(url, client => client.sendCommand(words)),
        /NOPERM|not allowed/,
        words.join(' '),
      )
    }
    await withClient(url, async client => {
      await client.set('a', '1')
      assert.deepEqual(await client.keys('*'), ['a'])
      assert.match(await client.info('server'), /redis_version/)
      assert.equal(await client.eval('return redis.call("get", KEYS[1])', { keys: ['a'] }), '1')
      await client.flushAll()
    })
  })

  test('the user of one add-on does not open another, and nobody comes in without', async t => {
    const { provider } = await redisWorld(t)
    const [one, other] = [await made(provider), await made(provider)]
    const [mine, theirs] = [new URL(one.url), new URL(other.url)]
    mine.port = theirs.port
    await assert.rejects(connect(String(mine)), /WRONGPASS/)
    await assert.rejects(
      withClient(`redis://127.0.0.1:${theirs.port}`, client => client.ping()),
      /NOAUTH/,
    )
  })

  test('no password is in any argument list, environment or file', async t => {
    const { provider, options } = await redisWorld(t)
    const { resource, url } = await made(provider)
    const { password } = new URL(url)
    assert.match(password, /^[\w-]{43}$/)
    for (const name of (await readdir('/proc')).filter(each => /^\d+$/.test(each))) {
      for (const file of ['cmdline', 'environ']) {
        const text = await readFile(`/proc/${name}/${file}`, 'latin1').catch(() => '')
        assert.ok(!text.includes(password), `/proc/${name}/${file}`)
      }
    }
    const config = join(options.directory, 'servers', resource.id, 'redis.conf')
    assert.ok(!(await readFile(config, 'utf8')).includes(password))
    assert.equal((await stat(config)).mode & 0o777, 0o600)
  })

  test('as root, servers run as an ordinary user, wherever their directory is', {
    skip: !isRoot,
  }, async t => {
    const { provider, options } = await redisWorld(t)
    const { resource, url } = await made(provider)
    await chmod(dirname(options.directory), 0o700)
    const pid = await processOf(options, resource.id)
    assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), /^Uid:\t699998\t699998\t699998\t699998$/m)
    await withClient(url, async client => {
      await client.set('kept', 'yes')
      await client.sendCommand(['INFO', 'persistence'])
    })
  })

  test('connections that used old credentials are cut, and no others', async t => {
    const { provider } = await redisWorld(t)
    const { resource, url } = await made(provider)
    const old = await connect(url)
    const ended = once(old, 'terminated')
    const { REDIS_URL = '' } = (await provider.rotate?.(resource, signal())) ?? {}
    await withClient(REDIS_URL, async client => {
      await provider.endRotation?.(resource, signal())
      await ended
      assert.equal(await client.ping(), 'PONG')
    })
  })
})

describe('Redis, a server for each: what is missing', { skip: withoutRedis }, () => {
  test('without a program it says what to install, or to set', async t => {
    const { open } = await redisWorld(t)
    t.after(restoringPath())
    process.env.PATH = '/nowhere'
    const provider = open()
    await provider.resume()
    const wanted = provider.provision(resourceOf(provider), { options: {}, from: null }, signal())
    await assert.rejects(
      wanted,
      error =>
        error instanceof ProviderRefusal &&
        /apt-get install redis-server/.test(error.message) &&
        /TIDEMARK_REDIS_ADMIN_URL/.test(error.message),
    )
  })

  test('with a program that fails it can be asked again', async t => {
    const { open, provider } = await redisWorld(t)
    const place = await mkdtemp(join(tmpdir(), 'tidemark-broken-'))
    t.after(() => rm(place, { recursive: true }))
    await chmod(place, 0o755)
    const program = join(place, 'broken')
    await writeFile(program, '#!/bin/sh\nexit 3\n', { mode: 0o755 })
    const resource = resourceOf(provider)
    const wanted = open({ program }).provision(resource, { options: {}, from: null }, signal())
    await assert.rejects(
      wanted,
      error => error instanceof ProviderUnavailable && /status 3/.test(error.message),
    )
    await provider.provision(resource, { options: {}, from: null }, signal())
  })

  test('options that it does not have, and backups, are refused', async t => {
    const { provider } = await redisWorld(t)
    const wanted = provider.provision(
      resourceOf(provider),
      { options: { version: '3' }, from: null },
      signal(),
    )
    await assert.rejects(wanted, error => error instanceof ProviderRefusal && /version/.test(error.message))
  })
})

async function fill(client: Client, megabytes: number): Promise<void> {
  for (let index = 0; index < megabytes; index++) await client.set(`filler-${index}`, MEGABYTE)
}

/** How many connections of an app hold at once, of those it tries. */
async function connectionsOf(url: string, tries: number): Promise<number> {
  const clients: Client[] = []
  try {
    for (let index = 0; index < tries; index++) clients.push(await connect(url))
  } catch (error) {
    assert.match(String(error), /max number of clients/)
  } finally {
    for (const client of clients) client.destroy()
  }
  return clients.length
}

function restoringPath(): () => void {
  const { PATH } = process.env
  return () => {
    process.env.PATH = PATH
  }
}
