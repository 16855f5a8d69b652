/** What a database on a server that somebody else runs promises an add-on, and what it cannot. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProviderRefusal, ProviderUnavailable } from '../../src/addons/provider.ts'
import { userName } from '../../src/addons/providers/redis/credentials.ts'
import { eventually } from '../support/eventually.ts'
import { SharedRedis, USERS_KEPT, withClient, withoutRedis } from '../support/redis.ts'
import { resourceOf } from './addon-provider.ts'
import { made, redisWorld, sharedWorld } from './addon-provider-redis.ts'

const NOTHING = { options: {}, from: null }
const signal = (): AbortSignal => AbortSignal.timeout(60_000)
const refused = (sentence: RegExp) => (error: unknown) =>
  error instanceof ProviderRefusal && sentence.test(error.message)

describe('Redis, a database for each: who reaches what', { skip: withoutRedis }, () => {
  test('a user reaches no database but its own, by no command and by no script', async t => {
    const { provider, write, read } = await sharedWorld(t)
    const [one, other] = [await made(provider), await made(provider)]
    await write(other.config, 'whose', 'theirs')
    const theirs = new URL(other.url).pathname.slice(1)
    await withClient(one.url, async client => {
      await client.set('mine', '1')
      for (const words of [
        ['SELECT', theirs],
        ['SELECT', `0${theirs}`],
        ['MOVE', 'mine', theirs],
        ['COPY', 'mine', 'whose', 'DB', theirs, 'REPLACE'],
        ['SWAPDB', '1', '2'],
        ['FLUSHALL'],
        ['EVAL', `redis.call('select', ${theirs}) return redis.call('get', 'whose')`, '0'],
        ['EVAL', `return redis.call('copy', 'mine', 'whose', 'DB', ${theirs}, 'REPLACE')`, '0'],
        ['FUNCTION', 'FLUSH'],
        ['CLIENT', 'LIST'],
        ['CLIENT', 'TRACKING', 'ON', 'BCAST'],
        ['PUBSUB', 'CHANNELS'],
        ['SUBSCRIBE', 'anything'],
        ['PUBLISH', `${other.resource.id}:news`, 'forged'],
        ['CONFIG', 'GET', 'requirepass'],
        ['ACL', 'LIST'],
        ['SHUTDOWN'],
        ['REPLICAOF', 'NO', 'ONE'],
        ['MIGRATE', '127.0.0.1', '1', 'mine', '0', '10'],
      ]) {
        await assert.rejects(
          client.sendCommand(words),
          /NOPERM|ACL failure|can't run|permission/i,
          words.join(' '),
        )
      }
      assert.equal(await client.publish(`${one.resource.id}:news`, 'ahoy'), 0)
    })
    assert.equal(await read(other.config, 'whose'), 'theirs')
  })

  test('destroying one empties its database and no other', async t => {
    const { provider, write, read, shared } = await sharedWorld(t)
    const [one, other] = [await made(provider), await made(provider)]
    await write(one.config, 'kept', 'no')
    await write(other.config, 'kept', 'yes')
    await provider.deprovision(one.resource, signal())
    assert.equal(await read(other.config, 'kept'), 'yes')
    await withClient(`${shared.url}${new URL(one.url).pathname}`, async client =>
      assert.equal(await client.dbSize(), 0),
    )
  })

  test('a database that somebody uses is given to nobody, and not emptied', async t => {
    const { provider, shared, read } = await sharedWorld(t)
    await withClient(`${shared.url}/1`, client => client.set('operator', 'keep me'))
    await withClient(shared.url, client =>
      client.sendCommand(['ACL', 'SETUSER', 'somebody', 'on', '>x', '~*', '+@all', '-select', '+select|2']),
    )
    const one = await made(provider)
    assert.equal(new URL(one.url).pathname, '/3')
    await withClient(shared.url, client =>
      client.sendCommand(['ACL', 'SETUSER', 'somebody', '-select', '+select|3']),
    )
    await withClient(one.url, client => client.set('whose', 'who knows'))
    await provider.deprovision(one.resource, signal())
    await assert.rejects(read(one.config, 'whose'))
    await withClient(`${shared.url}/3`, async client => assert.equal(await client.get('whose'), 'who knows'))
  })

  test('who asks is told what is not kept apart', async t => {
    const { provider } = await sharedWorld(t)
    const answer = await provider.provision(resourceOf(provider), NOTHING, signal())
    assert.match(answer.message ?? '', /limits of its plan are not enforced/)
  })
})

describe('Redis, a database for each: the server', { skip: withoutRedis }, () => {
  test('one that forgot its users when it was restarted is given them again', async t => {
    const { provider, write, read, shared } = await sharedWorld(t)
    const { config } = await made(provider)
    await write(config, 'kept', 'yes')
    await shared.halt()
    await shared.run()
    await eventually('the user is back', async () => (await read(config, 'kept')) === 'yes' || undefined)
  })

  test('and by the next control plane, when there was none meanwhile', async t => {
    const { provider, write, read, shared, restart } = await sharedWorld(t)
    const { config } = await made(provider)
    await write(config, 'kept', 'yes')
    provider.release()
    await shared.halt()
    await shared.run()
    await assert.rejects(read(config, 'kept'), /WRONGPASS/)
    await restart()
    assert.equal(await read(config, 'kept'), 'yes')
  })

  test('one with a file for them keeps them by itself', async t => {
    const { provider, read, shared } = await sharedWorld(t, [USERS_KEPT])
    const { config } = await made(provider)
    provider.release()
    await shared.halt()
    await shared.run()
    assert.equal(await read(config, 'kept'), undefined)
  })

  test('one that lets in everybody, or shows what is not theirs, is refused', async t => {
    await using open = await SharedRedis.start([], { isOpen: true })
    const { provider } = await redisWorld(t, { adminUrl: open.url })
    await assert.rejects(
      provider.provision(resourceOf(provider), NOTHING, signal()),
      refused(/without a password/),
    )
    const world = await sharedWorld(t)
    await withClient(world.shared.url, client => client.set('operator', 'mine'))
    const wanted = world.provider.provision(resourceOf(world.provider), NOTHING, signal())
    await assert.rejects(wanted, refused(/Database 0/))
  })

  test('one without a free database is refused in a sentence', async t => {
    const { provider } = await sharedWorld(t, ['databases 2'])
    const { resource } = await made(provider)
    const wanted = resourceOf(provider)
    await assert.rejects(provider.provision(wanted, NOTHING, signal()), refused(/`databases`/))
    await provider.deprovision(resource, signal())
    await provider.provision(wanted, NOTHING, signal())
  })

  test('another one than before is not given the add-ons of the former', async t => {
    const { provider, open } = await sharedWorld(t)
    await using other = await SharedRedis.start()
    const { resource } = await made(provider)
    const next = open({ adminUrl: other.url })
    await assert.rejects(next.status(resource, signal()), ProviderUnavailable)
    const users = await withClient(other.url, client => client.sendCommand<string[]>(['ACL', 'USERS']))
    assert.ok(!users.includes(userName(resource.id, 1)))
    await assert.rejects(
      open({ adminUrl: null }).status(resource, signal()),
      error => error instanceof ProviderUnavailable && /TIDEMARK_REDIS_ADMIN_URL/.test(error.message),
    )
  })

  test('add-ons with a server of their own keep it when one is named later', async t => {
    const { provider, open, write, read } = await redisWorld(t)
    const { resource, config } = await made(provider)
    await write(config, 'kept', 'yes')
    await using shared = await SharedRedis.start()
    const next = open({ adminUrl: shared.url })
    const again = await next.provision(resource, NOTHING, signal())
    assert.deepEqual(again.state === 'provisioned' && again.config, config)
    assert.equal(await read(config, 'kept'), 'yes')
    assert.equal(new URL((await made(next)).url).pathname, '/1')
  })
})
