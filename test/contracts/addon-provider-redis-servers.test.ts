/** What a server of its own promises an add-on beyond what every provider does. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ProviderRefusal, ProviderUnavailable } from '../../src/addons/provider.ts'
import { identify } from '../../src/addons/providers/redis/processes.ts'
import { eventually } from '../support/eventually.ts'
import { type Client, connect, withClient, withoutRedis } from '../support/redis.ts'
import { resourceOf } from './addon-provider.ts'
import { made, processOf, redisWorld } from './addon-provider-redis.ts'

const CONTROL_PLANE = fileURLToPath(new URL('addon-provider-redis-control-plane.fixture.ts', import.meta.url))
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
    process.kill(await processOf(world.options, resource.id), 'SIGKILL')
    assert.equal(await world.provider.status(resource, signal()), 'here')
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

async function isOnDisk(directory: string, id: string): Promise<boolean> {
  const below = join(directory, 'servers', id, 'data', 'appendonlydir')
  const texts = await Promise.all((await readdir(below)).map(name => readFile(join(below, name), 'latin1')))
  return texts.some(text => text.includes('kept'))
}

function restoringPath(): () => void {
  const { PATH } = process.env
  return () => {
    process.env.PATH = PATH
  }
}
