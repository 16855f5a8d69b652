import { type AddonService, planNamed } from '../../../core/addon-service.ts'
import type { ConfigVars } from '../../../core/config-vars.ts'
import {
  type Backup,
  type HostedProvider,
  type PlanChange,
  ProviderRefusal,
  type Provisioned,
  type ProvisionOrder,
  type Resource,
} from '../../provider.ts'
import { Administration } from './administration.ts'
import { Backups } from './backups.ts'
import { look, noting } from './catalog.ts'
import { create } from './creation.ts'
import { credentialsOf } from './credentials.ts'
import { Enforcement } from './enforcement.ts'
import { providerError } from './faults.ts'
import { applyLimits, planOf, seeLimits } from './limits.ts'
import { NamedServer } from './named-server.ts'
import { namesOf } from './names.ts'
import { checkOptions, welcome } from './order.ts'
import { OwnServer } from './own/own-server.ts'
import { PLANS, type PostgresPlan, postgresService, spokenSize } from './plans.ts'
import { remove } from './removal.ts'
import { nextGeneration, retireOlder } from './rotation.ts'
import type { Report, Server } from './server.ts'
import type { Session } from './session.ts'

const PATIENCE = 10_000

export interface PostgresOptions {
  /** The provider's own, below the data directory; the server that the platform runs itself is in it. */
  directory: string
  /** Where dumps of destroyed databases are kept. */
  backupsDirectory: string
  /** 32 bytes, from which all passwords follow: whoever loses it has to rotate every add-on's credentials. */
  key: Uint8Array
  /** postgres://user:password@host:port/database of a server to use; null: the platform runs one. */
  adminUrl?: string | null
  /** Why nothing new can be made here, a sentence; what is there is looked after all the same. */
  refusal?: string | null
  plans?: readonly PostgresPlan[]
  /** Milliseconds until a server that does not answer counts as gone. */
  patience?: number
  /** Where `pg_dump` and `pg_restore` are looked for; undefined: in the usual places. */
  clientPrograms?: readonly string[]
  /** Is told what went wrong in the background and is tried again. */
  report?: Report
}

/** Opens the provider of PostgreSQL databases. Nothing is started or imported until the first is wanted. */
export async function openPostgres(options: PostgresOptions): Promise<PostgresProvider> {
  return new PostgresProvider(options)
}

/** Databases as add-ons: each has a database and roles of its own on one server. */
export class PostgresProvider implements HostedProvider {
  readonly services: readonly AddonService[]
  readonly #plans: readonly PostgresPlan[]
  readonly #key: Uint8Array
  readonly #refusal: string | null
  readonly #server: Server
  readonly #administration: Administration
  readonly #backups: Backups
  readonly #enforcement: Enforcement

  constructor(options: PostgresOptions) {
    const { directory, adminUrl = null, report = () => {}, plans = PLANS } = options
    this.#plans = plans
    this.#key = options.key
    this.#refusal = options.refusal ?? null
    this.services = [postgresService(plans)]
    this.#server = adminUrl === null ? new OwnServer(directory, report) : new NamedServer(directory, adminUrl)
    this.#administration = new Administration(this.#server, options.patience ?? PATIENCE)
    this.#backups = new Backups(this.#administration, {
      directory: options.backupsDirectory,
      programs: options.clientPrograms,
    })
    this.#enforcement = new Enforcement(this.#administration, plans, report)
  }

  async provision(resource: Resource, order: ProvisionOrder, signal: AbortSignal): Promise<Provisioned> {
    const names = namesOf(resource.id)
    const plan = this.#planOf(resource)
    checkOptions(order)
    if (this.#refusal !== null) throw new ProviderRefusal(this.#refusal)
    return this.#alone(resource, signal, async session => {
      const found = await look(session, names)
      // What it began with may be deleted by the time that this is repeated.
      const from = found.hasDatabase ? null : order.from
      const fill = await this.#backups.filling(session, { names, from }, signal)
      const generation = await create(session, { names, plan, key: this.#key, found, fill })
      // One that is new and empty was made within its limits.
      if (found.hasDatabase || from !== null)
        await applyLimits(session, names.database, (await planOf(session, names.owner, this.#plans)) ?? plan)
      return {
        state: 'provisioned',
        providerId: names.database,
        config: await this.#config(resource, generation, signal),
        message: await welcome(session, plan),
      }
    })
  }

  async changePlan(resource: Resource, signal: AbortSignal): Promise<PlanChange> {
    const { owner, database } = namesOf(resource.id)
    const plan = this.#planOf(resource)
    return this.#alone(resource, signal, async session => {
      const seen = await seeLimits(session, database)
      if (seen === undefined) throw new ProviderRefusal(`There is no database of ${resource.name}.`)
      const before = await planOf(session, owner, this.#plans)
      if (before?.name !== plan.name && seen.size > plan.size) {
        throw new ProviderRefusal(
          `The database of ${resource.name} takes ${spokenSize(seen.size)}, and the plan ${plan.name} is for ${spokenSize(plan.size)}. Delete something first, or choose a larger plan.`,
        )
      }
      await session.ask(noting(owner, plan.name))
      await applyLimits(session, database, plan)
      return { config: null, message: null }
    })
  }

  async deprovision(resource: Resource, signal: AbortSignal): Promise<'gone'> {
    if (await this.#neverMade(resource, signal)) return 'gone'
    await this.#alone(resource, signal, session => remove(session, namesOf(resource.id)))
    return 'gone'
  }

  async status(resource: Resource, signal: AbortSignal): Promise<'here' | 'gone'> {
    if (await this.#neverMade(resource, signal)) return 'gone'
    return this.#answered(signal, () =>
      this.#administration.run(signal, async session =>
        (await look(session, namesOf(resource.id))).hasDatabase ? 'here' : 'gone',
      ),
    )
  }

  async rotate(resource: Resource, signal: AbortSignal): Promise<ConfigVars> {
    const names = namesOf(resource.id)
    return this.#alone(resource, signal, async session => {
      const generation = await nextGeneration(session, names, this.#key)
      const plan = await planOf(session, names.owner, this.#plans)
      if (plan !== undefined) await applyLimits(session, names.database, plan)
      return this.#config(resource, generation, signal)
    })
  }

  async endRotation(resource: Resource, signal: AbortSignal): Promise<void> {
    const names = namesOf(resource.id)
    return this.#alone(resource, signal, session =>
      retireOlder(this.#administration, { session, names }, signal),
    )
  }

  async backup(resource: Resource, id: string, signal: AbortSignal): Promise<Backup | null> {
    if (await this.#neverMade(resource, signal)) return null
    return this.#alone(resource, signal, session => this.#backups.keep(session, { resource, id }, signal))
  }

  async deleteBackup(backup: Backup, signal: AbortSignal): Promise<void> {
    return this.#answered(signal, () => this.#backups.delete(backup, signal))
  }

  /** Looks at the size of every database now, as is done each minute. */
  enforce(): Promise<void> {
    return this.#enforcement.enforce()
  }

  async resume(): Promise<void> {
    if (!(await this.#server.wasWanted())) return
    await this.#server.resume()
    this.#enforcement.start()
  }

  async stop(): Promise<void> {
    this.#enforcement.stop()
    this.#administration.close()
    await this.#server.stop()
  }

  release(): void {
    this.#enforcement.stop()
    this.#administration.close()
    this.#server.release()
  }

  /** Whether a server would be started, or asked for the first time, only to say that it has nothing. */
  async #neverMade(resource: Resource, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    return resource.providerId === null && !(await this.#server.wasWanted())
  }

  #planOf(resource: Resource): PostgresPlan {
    const [service] = this.services
    const name = service === undefined ? undefined : planNamed(service, resource.plan)?.name
    const plan = this.#plans.find(plan => plan.name === name)
    if (plan !== undefined) return plan
    const known = this.#plans.map(plan => plan.name).join(', ')
    throw new ProviderRefusal(`There is no plan ${resource.plan} of PostgreSQL. There are ${known}.`)
  }

  async #config(resource: Resource, generation: number, signal: AbortSignal): Promise<ConfigVars> {
    const names = namesOf(resource.id)
    const url = await this.#administration.reach(signal)
    return { DATABASE_URL: url.forApplication(names.database, credentialsOf(this.#key, names, generation)) }
  }

  #alone<T>(resource: Resource, signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> {
    return this.#answered(signal, () => this.#administration.alone(resource.id, signal, use))
  }

  async #answered<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    try {
      const answer = await call()
      this.#enforcement.start()
      return answer
    } catch (error) {
      signal.throwIfAborted()
      throw providerError(error)
    }
  }
}
