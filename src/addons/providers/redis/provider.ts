import { join } from 'node:path'
import { type AddonService, planNamed } from '../../../core/addon-service.ts'
import type { ConfigVars } from '../../../core/config-vars.ts'
import { unlessAborted } from '../../../core/unless-aborted.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import {
  type HostedProvider,
  type PlanChange,
  ProviderRefusal,
  ProviderUnavailable,
  type Provisioned,
  type ProvisionOrder,
  type Resource,
} from '../../provider.ts'
import type { Backing } from './backing.ts'
import { password, userName } from './credentials.ts'
import { Databases } from './databases.ts'
import { parseAdminUrl } from './named-server.ts'
import { PLANS, type RedisPlan, redisService } from './plans.ts'
import { type AddonRecord, type Limits, Records } from './records.ts'
import { Servers } from './servers.ts'
import { Turns } from './turns.ts'

export interface RedisOptions {
  /** A directory for this provider alone; made when it is first needed. */
  directory: string
  /** 32 bytes, from which all passwords follow. */
  key: Uint8Array
  /** A server on which add-ons get a database each: `redis://user:password@host:port`. Without it each has a server of its own. */
  adminUrl?: string | null
  /** The program that serves Redis; without it, the one found in PATH. */
  program?: string | null
  /** Who servers run as; without it, an ordinary user when we are root, else ourselves. */
  identity?: Identity | null
  /** Why nothing new can be made here, a sentence; what is there is looked after all the same. */
  refusal?: string | null
  plans?: readonly RedisPlan[]
  /** Told of a server that was lost and could not be had again at once; it is tried again. */
  trouble?(error: Error): void
}

/** The add-ons' key-value stores. Costs nothing until there are some. Throws a sentence when the admin URL is none. */
export function openRedis(options: RedisOptions): HostedProvider {
  return new RedisProvider(options)
}

/** Right below the apps' users. */
const ORDINARY: Identity = { uid: 699_998, gid: 699_998 }

class RedisProvider implements HostedProvider {
  readonly services: readonly AddonService[]
  readonly #key: Uint8Array
  readonly #refusal: string | null
  readonly #plans: readonly RedisPlan[]
  readonly #records: Records
  readonly #servers: Servers
  readonly #databases: Databases
  readonly #turns = new Turns()

  constructor(options: RedisOptions) {
    const { directory, key, adminUrl = null, program = null, plans = PLANS, trouble = () => {} } = options
    const { identity = process.getuid?.() === 0 ? ORDINARY : null } = options
    this.services = [redisService(plans)]
    this.#key = key
    this.#refusal = options.refusal ?? null
    this.#plans = plans
    this.#records = new Records(join(directory, 'records'))
    this.#servers = new Servers({ directory: join(directory, 'servers'), key, program, identity, trouble })
    this.#databases = new Databases({
      server: adminUrl === null ? null : parseAdminUrl(adminUrl),
      key,
      trouble,
    })
  }

  provision(resource: Resource, order: ProvisionOrder, signal: AbortSignal): Promise<Provisioned> {
    return this.#inTurn(resource, signal, async () => {
      const limits = this.#limits(resource)
      checkOrder(order)
      if (this.#refusal !== null) throw new ProviderRefusal(this.#refusal)
      const record = (await this.#records.find(resource.id)) ?? (await this.#begin(resource.id, limits))
      const backing = this.#backing(record)
      await backing.hold(record)
      const providerId = `${record.address}/${record.number}`
      return { state: 'provisioned', providerId, config: this.#config(record), message: backing.message() }
    })
  }

  changePlan(resource: Resource, signal: AbortSignal): Promise<PlanChange> {
    return this.#inTurn(resource, signal, async () => {
      const limits = this.#limits(resource)
      const record = await this.#existing(resource)
      await this.#backing(record).fits(record, limits)
      await this.#change({ ...record, limits })
      return { config: null, message: null }
    })
  }

  deprovision(resource: Resource, signal: AbortSignal): Promise<'gone'> {
    return this.#inTurn<'gone'>(resource, signal, async () => {
      const record = await this.#records.find(resource.id)
      if (record !== undefined) {
        await this.#backing(record).discard(record)
        await this.#records.remove(record.id)
      }
      return 'gone'
    })
  }

  status(resource: Resource, signal: AbortSignal): Promise<'here' | 'gone'> {
    return this.#inTurn(resource, signal, async () => {
      const record = await this.#records.find(resource.id)
      if (record === undefined) return 'gone'
      await this.#backing(record).hold(record)
      return 'here'
    })
  }

  rotate(resource: Resource, signal: AbortSignal): Promise<ConfigVars> {
    return this.#inTurn(resource, signal, async () => {
      const record = await this.#existing(resource)
      const [first, second = first + 1] = record.generations
      const rotating: AddonRecord = { ...record, generations: [first, second] }
      await this.#change(rotating)
      return this.#config(rotating)
    })
  }

  endRotation(resource: Resource, signal: AbortSignal): Promise<void> {
    return this.#inTurn(resource, signal, async () => {
      const record = await this.#existing(resource)
      await this.#change({ ...record, generations: [newest(record)] })
    })
  }

  async resume(): Promise<void> {
    const { servers, databases } = await this.#all()
    await Promise.all([this.#servers.resume(servers), this.#databases.resume(databases)])
  }

  async stop(): Promise<void> {
    const { servers } = await this.#all()
    await Promise.all([this.#servers.stop(servers), this.#databases.stop()])
  }

  release(): void {
    this.#servers.release()
    this.#databases.release()
  }

  /** Record first: whatever is made after it can be found and taken away. */
  async #begin(id: string, limits: Limits): Promise<AddonRecord> {
    const backing = await this.#chosen()
    return this.#turns.take('places', async () => {
      const { servers, databases } = await this.#all()
      const place = await backing.allot(backing === this.#servers ? servers : databases)
      const record: AddonRecord = { id, ...place, limits, generations: [1] }
      await this.#records.save(record)
      return record
    })
  }

  async #chosen(): Promise<Backing> {
    if (this.#databases.isNamed) return this.#databases
    if ((await this.#servers.program()) !== undefined) return this.#servers
    throw new ProviderRefusal(
      'There is no Redis on this platform yet. Its operator has to install the server (Debian: apt-get install redis-server), or to name one in TIDEMARK_REDIS_ADMIN_URL.',
    )
  }

  async #change(record: AddonRecord): Promise<void> {
    await this.#records.save(record)
    await this.#backing(record).hold(record)
  }

  #backing(record: AddonRecord): Backing {
    return record.kind === 'server' ? this.#servers : this.#databases
  }

  async #existing({ id, name }: Resource): Promise<AddonRecord> {
    const record = await this.#records.find(id)
    if (record !== undefined) return record
    throw new ProviderRefusal(
      `There is no Redis add-on behind ${name} any more. Destroy it and create another.`,
    )
  }

  async #all(): Promise<{ servers: AddonRecord[]; databases: AddonRecord[] }> {
    const records = await this.#records.all()
    const of = (kind: AddonRecord['kind']) => records.filter(record => record.kind === kind)
    return { servers: of('server'), databases: of('database') }
  }

  #config(record: AddonRecord): ConfigVars {
    const user = userName(record.id, newest(record))
    return { REDIS_URL: this.#backing(record).url(record, user, password(this.#key, user)) }
  }

  #limits({ service, plan }: Resource): Limits {
    const [offered] = this.services
    const name = offered && planNamed(offered, plan)?.name
    const found = this.#plans.find(each => each.name === name)
    if (found !== undefined) return { megabytes: found.megabytes, connections: found.connections }
    const names = this.#plans.map(each => each.name).join(', ')
    throw new ProviderRefusal(`There is no plan ${service}:${plan}. Choose one of: ${names}.`)
  }

  /** One at a time for a resource. Who no longer wants to wait is let go; the work goes on, and the next call finds it done. */
  async #inTurn<T>({ id }: Resource, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    try {
      return await unlessAborted(this.#turns.take(id, work), signal)
    } catch (error) {
      throw signal.aborted ? signal.reason : told(error as Error)
    }
  }
}

function newest({ generations }: AddonRecord): number {
  return generations[generations.length - 1] as number
}

function checkOrder({ options, from }: ProvisionOrder): void {
  const [option] = Object.keys(options)
  if (option !== undefined) throw new ProviderRefusal(`A Redis add-on has no option ${option}. Leave it out.`)
  if (from !== null)
    throw new ProviderRefusal('No backups are kept of Redis add-ons: it can only begin empty.')
}

/** What neither was said on purpose nor foreseen: files that cannot be read or written. */
function told(cause: Error): Error {
  if (cause instanceof ProviderRefusal || cause instanceof ProviderUnavailable) return cause
  return new ProviderUnavailable(`The Redis add-on could not be looked after: ${cause.message}`, { cause })
}
