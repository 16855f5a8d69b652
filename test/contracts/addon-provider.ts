/** What every provider of add-ons has to do, whatever its resources are made of. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, type TestContext, test } from 'node:test'
import {
  type Provider,
  ProviderRefusal,
  ProviderUnavailable,
  type Resource,
} from '../../src/addons/provider.ts'
import type { ConfigVars } from '../../src/core/config-vars.ts'

/** A provider in a place of its own, as the suite sees it. */
export interface ProviderWorld {
  provider: Provider
  /** Takes the control plane away without a goodbye, and gives the provider of the one that follows. */
  restart(): Promise<Provider>
  /** Whoever has `config` keeps a value in the resource; rejects when the config does not open it. */
  write(config: ConfigVars, key: string, value: string): Promise<void>
  /** Undefined when there is no such value; rejects when the config does not open the resource. */
  read(config: ConfigVars, key: string): Promise<string | undefined>
  /** What the resources are made of cannot be reached from now on, until the answer is called. */
  cutOff(): Promise<() => Promise<void>>
}

const LIMIT = 60_000
const NOTHING = { options: {}, from: null }
const signal = (): AbortSignal => AbortSignal.timeout(LIMIT)

/** A resource nobody asked for yet, of the first service in its default plan unless `changes` says otherwise. */
export function resourceOf(provider: Provider, changes: Partial<Resource> = {}): Resource {
  const [service] = provider.services
  assert.ok(service)
  const id = randomUUID()
  const name = `${service.name}-test-${id.slice(0, 8)}`
  return { id, name, service: service.name, plan: service.plans[0]?.name ?? '', providerId: null, ...changes }
}

/** Provisions a resource and answers it as the ledger knows it then, with its config vars. */
export async function provisioned(
  provider: Provider,
  resource: Resource = resourceOf(provider),
): Promise<{ resource: Resource; config: ConfigVars }> {
  const made = await provider.provision(resource, NOTHING, signal())
  assert.equal(made.state, 'provisioned')
  assert.ok(made.state === 'provisioned')
  return { resource: { ...resource, providerId: made.providerId }, config: made.config }
}

export function describeProvider(name: string, create: (t: TestContext) => Promise<ProviderWorld>): void {
  describe(`${name}: the life of a resource`, () => {
    test('what is provisioned works, and has the config vars that its service declares', async t => {
      const world = await create(t)
      const { resource, config } = await provisioned(world.provider)
      const [service] = world.provider.services
      assert.deepEqual(Object.keys(config).sort(), [...(service?.configVars ?? [])].sort())
      await world.write(config, 'greeting', 'ahoy')
      assert.equal(await world.read(config, 'greeting'), 'ahoy')
      assert.equal(await world.provider.status(resource, signal()), 'here')
    })

    test('provisioning the same id again is the same resource, also after a restart and at the same time', async t => {
      const world = await create(t)
      const resource = resourceOf(world.provider)
      const [first, second] = await Promise.all([
        provisioned(world.provider, resource),
        provisioned(world.provider, resource),
      ])
      assert.equal(first.resource.providerId, second.resource.providerId)
      await world.write(second.config, 'kept', 'yes')
      const third = await provisioned(await world.restart(), resource)
      assert.equal(third.resource.providerId, first.resource.providerId)
      assert.equal(await world.read(third.config, 'kept'), 'yes')
    })

    test('two resources are two: neither sees what the other holds, nor opens it', async t => {
      const world = await create(t)
      const [one, other] = [await provisioned(world.provider), await provisioned(world.provider)]
      assert.notEqual(one.resource.providerId, other.resource.providerId)
      await world.write(one.config, 'whose', 'mine')
      assert.equal(await world.read(other.config, 'whose'), undefined)
    })

    test('a resource outlives the control plane', async t => {
      const world = await create(t)
      const { resource, config } = await provisioned(world.provider)
      await world.write(config, 'kept', 'yes')
      const provider = await world.restart()
      assert.equal(await provider.status(resource, signal()), 'here')
      assert.equal(await world.read(config, 'kept'), 'yes')
    })

    test('deprovisioning takes it away for good; again, and of what never was, it succeeds', async t => {
      const world = await create(t)
      const { resource, config } = await provisioned(world.provider)
      await world.write(config, 'kept', 'no')
      assert.equal(await world.provider.deprovision(resource, signal()), 'gone')
      await assert.rejects(world.read(config, 'kept'))
      assert.equal(await world.provider.status(resource, signal()), 'gone')
      assert.equal(await world.provider.deprovision(resource, signal()), 'gone')
      assert.equal(await world.provider.deprovision(resourceOf(world.provider), signal()), 'gone')
    })

    test('a resource whose provisioning was never answered can be taken away by its id alone', async t => {
      const world = await create(t)
      const { resource, config } = await provisioned(world.provider)
      assert.equal(await world.provider.deprovision({ ...resource, providerId: null }, signal()), 'gone')
      await assert.rejects(world.read(config, 'anything'))
    })

    test('a change of plan keeps what is in it', async t => {
      const world = await create(t)
      const { resource, config } = await provisioned(world.provider)
      await world.write(config, 'kept', 'yes')
      const plan = world.provider.services[0]?.plans[1]?.name
      assert.ok(plan, 'the service has a second plan')
      const change = await world.provider.changePlan({ ...resource, plan }, signal())
      assert.equal(await world.read(change.config ?? config, 'kept'), 'yes')
    })
  })

  describe(`${name}: what can go wrong`, () => {
    test('an unknown plan is refused in a sentence', async t => {
      const { provider } = await create(t)
      const odd = provider.provision(resourceOf(provider, { plan: 'no-such-plan' }), NOTHING, signal())
      await assert.rejects(
        odd,
        error => error instanceof ProviderRefusal && /no-such-plan/.test(error.message),
      )
    })

    test('what cannot be reached is unavailable, says so without a secret, and works again afterwards', async t => {
      const world = await create(t)
      const { resource, config } = await provisioned(world.provider)
      const secrets = Object.values(config).flatMap(value => /:([^:@/]+)@/.exec(value)?.[1] ?? [])
      const comeBack = await world.cutOff()
      const fresh = resourceOf(world.provider)
      for (const call of [
        () => world.provider.provision(fresh, NOTHING, signal()),
        () => world.provider.deprovision(resource, signal()),
        () => world.provider.status(resource, signal()),
      ]) {
        await assert.rejects(call(), error => {
          assert.ok(error instanceof ProviderUnavailable, String(error))
          for (const secret of secrets) assert.ok(!String(error.message).includes(secret))
          return true
        })
      }
      await comeBack()
      assert.equal(await world.provider.status(resource, signal()), 'here')
      await provisioned(world.provider, fresh)
    })

    test('a call whose signal is aborted rejects with the reason', async t => {
      const { provider } = await create(t)
      const reason = new Error('no longer wanted')
      const call = provider.provision(resourceOf(provider), NOTHING, AbortSignal.abort(reason))
      await assert.rejects(call, reason)
    })
  })

  describe(`${name}: what it may be able to do`, () => {
    test('rotating credentials: both hold until the rotation ends, and repeating it changes nothing', async t => {
      const world = await create(t)
      if (!world.provider.rotate || !world.provider.endRotation) {
        assert.equal(world.provider.rotate, world.provider.endRotation, 'both or neither')
        return
      }
      const { resource, config } = await provisioned(world.provider)
      await world.write(config, 'kept', 'yes')
      const renewed = await world.provider.rotate(resource, signal())
      assert.notDeepEqual(renewed, config)
      assert.deepEqual(await (await world.restart()).rotate?.(resource, signal()), renewed)
      for (const each of [config, renewed]) assert.equal(await world.read(each, 'kept'), 'yes')
      await world.write(renewed, 'by', 'the new')
      assert.equal(await world.read(config, 'by'), 'the new', 'what the new ones made, the old ones see')
      await world.provider.endRotation(resource, signal())
      await world.provider.endRotation(resource, signal())
      await assert.rejects(world.read(config, 'kept'))
      assert.equal(await world.read(renewed, 'kept'), 'yes')
      const again = await world.provider.rotate(resource, signal())
      assert.notDeepEqual(again, renewed)
      const same = await provisioned(world.provider, resource)
      assert.deepEqual(same.config, again, 'provisioning again answers the newest')
    })

    test('a backup outlives its resource, and another one can begin with it', async t => {
      const world = await create(t)
      const { provider } = world
      if (!provider.backup) return
      const { resource, config } = await provisioned(provider)
      await world.write(config, 'kept', 'yes')
      const id = randomUUID()
      const backup = await provider.backup(resource, id, signal())
      assert.ok(backup)
      assert.deepEqual(
        await provider.backup(resource, id, signal()),
        backup,
        'the same id is the same backup',
      )
      await provider.deprovision(resource, signal())
      const heir = resourceOf(provider)
      const made = await provider.provision(heir, { options: {}, from: backup }, signal())
      assert.ok(made.state === 'provisioned')
      assert.equal(await world.read(made.config, 'kept'), 'yes')
      await provider.deleteBackup?.(backup, signal())
      await provider.deleteBackup?.(backup, signal())
      const late = provider.provision(resourceOf(provider), { options: {}, from: backup }, signal())
      await assert.rejects(late, ProviderRefusal)
    })
  })
}
