import type { Selectable } from 'kysely'
import type { Addon, AddonState, Rotation } from '../core/addon.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { AddonsTable } from './schema.ts'

export class AddonReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async byId(id: string): Promise<Addon | undefined> {
    const row = await this.#context.db
      .selectFrom('addons')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && addon(row)
  }

  async byIds(ids: readonly string[]): Promise<Addon[]> {
    if (ids.length === 0) return []
    return (await this.#context.db.selectFrom('addons').selectAll().where('id', 'in', ids).execute()).map(
      addon,
    )
  }

  /** The add-on of that name, unless it is gone. */
  async byName(name: string): Promise<Addon | undefined> {
    const row = await this.#alive().where('name', '=', name).executeTakeFirst()
    return row && addon(row)
  }

  /** Add-ons billed to an app that are not gone, by name. */
  async ofApp(appId: string): Promise<Addon[]> {
    return (await this.#alive().where('app_id', '=', appId).orderBy('name').execute()).map(addon)
  }

  /** Every add-on that is not gone, by name. */
  async list(): Promise<Addon[]> {
    return (await this.#alive().orderBy('name').execute()).map(addon)
  }

  /** Those that something is still to be done for. */
  async atWork(): Promise<Addon[]> {
    const rows = await this.#context.db
      .selectFrom('addons')
      .selectAll()
      .where(where =>
        where.or([
          where('state', 'in', ['provisioning', 'deprovisioning']),
          where('wanted_plan', 'is not', null),
          where('rotation', '<>', 'none'),
        ]),
      )
      .orderBy('created_at')
      .execute()
    return rows.map(addon)
  }

  /** What its provider gives it; undefined before it did, and once it is gone. */
  async config(id: string): Promise<ConfigVars | undefined> {
    const row = await this.#context.db
      .selectFrom('addons')
      .select('config')
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row?.config) return undefined
    return JSON.parse(this.#context.seal.open(row.config, `add-on ${id}`)) as ConfigVars
  }

  #alive() {
    return this.#context.db.selectFrom('addons').selectAll().where('state', '<>', 'deprovisioned')
  }
}

export interface AddonChanges {
  name?: string
  plan?: string
  wantedPlan?: string | null
  wantedBy?: string
  providerId?: string
  state?: AddonState
  /** Null destroys it. */
  config?: ConfigVars | null
  message?: string | null
  reason?: string | null
  attempts?: number
  nextAttemptAt?: Instant | null
  rotation?: Rotation
}

export class AddonWriter extends AddonReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  /** Takes the add-on's row, so that what is read of it stays so to the end of the transaction. */
  async lock(id: string): Promise<Addon | undefined> {
    const row = await this.#context.db
      .updateTable('addons')
      .set(columns => ({ generation: columns('generation', '+', 0) }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    return row && addon(row)
  }

  async insert(
    draft: Pick<
      Addon,
      | 'id'
      | 'name'
      | 'appId'
      | 'accountId'
      | 'service'
      | 'plan'
      | 'prefix'
      | 'attachment'
      | 'options'
      | 'backupId'
    >,
  ): Promise<Addon> {
    const { now } = this.#context
    const row = await this.#context.db
      .insertInto('addons')
      .values({
        id: draft.id,
        name: draft.name,
        app_id: draft.appId,
        account_id: draft.accountId,
        service: draft.service,
        plan: draft.plan,
        wanted_plan: null,
        wanted_by: null,
        prefix: draft.prefix,
        provider_id: null,
        state: 'provisioning',
        attachment_id: draft.attachment.id,
        attachment_name: draft.attachment.name,
        options: JSON.stringify(draft.options),
        backup_id: draft.backupId,
        config: null,
        message: null,
        reason: null,
        attempts: 0,
        next_attempt_at: null,
        rotation: 'none',
        generation: 0,
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return addon(row)
  }

  async update(id: string, changes: AddonChanges): Promise<void> {
    const { now, seal } = this.#context
    const { config } = changes
    await this.#context.db
      .updateTable('addons')
      .set(columns => ({
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.plan !== undefined && { plan: changes.plan }),
        ...(changes.wantedPlan !== undefined && { wanted_plan: changes.wantedPlan }),
        ...(changes.wantedBy !== undefined && { wanted_by: changes.wantedBy }),
        ...(changes.providerId !== undefined && { provider_id: changes.providerId }),
        ...(changes.state !== undefined && { state: changes.state }),
        ...(config === null && { config: null }),
        ...(config && {
          config: seal.seal(JSON.stringify(config), `add-on ${id}`),
          generation: columns('generation', '+', 1),
        }),
        ...(changes.message !== undefined && { message: changes.message }),
        ...(changes.reason !== undefined && { reason: changes.reason }),
        ...(changes.attempts !== undefined && { attempts: changes.attempts }),
        ...(changes.nextAttemptAt !== undefined && { next_attempt_at: changes.nextAttemptAt }),
        ...(changes.rotation !== undefined && { rotation: changes.rotation }),
        updated_at: now,
      }))
      .where('id', '=', id)
      .execute()
  }
}

function addon(row: Selectable<AddonsTable>): Addon {
  return {
    id: row.id,
    name: row.name,
    appId: row.app_id,
    accountId: row.account_id,
    service: row.service,
    plan: row.plan,
    wantedPlan: row.wanted_plan,
    wantedBy: row.wanted_by,
    prefix: row.prefix,
    providerId: row.provider_id,
    state: row.state as AddonState,
    attachment: { id: row.attachment_id, name: row.attachment_name },
    options: JSON.parse(row.options) as Addon['options'],
    backupId: row.backup_id,
    message: row.message,
    reason: row.reason,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    rotation: row.rotation as Rotation,
    generation: row.generation,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
