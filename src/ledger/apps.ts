import type { Kysely, Selectable } from 'kysely'
import type { App, AppSettings } from '../core/app.ts'
import type { RetentionPolicy } from '../core/retention.ts'
import type { Instant } from '../core/time.ts'
import { bit, type ReadContext, type WriteContext } from './context.ts'
import type { AppsTable, Schema } from './schema.ts'

export class AppReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  /** The app, unless it was destroyed. */
  async byId(id: string): Promise<App | undefined> {
    const row = await this.#live().where('id', '=', id).executeTakeFirst()
    return row && app(row)
  }

  async byName(name: string): Promise<App | undefined> {
    const row = await this.#live().where('name', '=', name).executeTakeFirst()
    return row && app(row)
  }

  async list(): Promise<App[]> {
    return (await this.#live().orderBy('name').execute()).map(app)
  }

  /** The apps an account owns or works on. */
  async ofAccount(accountId: string): Promise<App[]> {
    const rows = await this.#live()
      .where(where =>
        where.or([
          where('owner_id', '=', accountId),
          where(
            'id',
            'in',
            where.selectFrom('collaborators').select('app_id').where('account_id', '=', accountId),
          ),
        ]),
      )
      .orderBy('name')
      .execute()
    return rows.map(app)
  }

  /** Destroyed apps, whose releases stay readable to the owner of the platform. */
  async archived(): Promise<App[]> {
    const rows = await this.#context.db
      .selectFrom('apps')
      .selectAll()
      .where('archived_at', 'is not', null)
      .orderBy('archived_at')
      .execute()
    return rows.map(app)
  }

  #live() {
    return this.#context.db.selectFrom('apps').selectAll().where('archived_at', 'is', null)
  }
}

export interface AppChanges {
  name?: string
  ownerId?: string
  maintenance?: boolean
  buildStack?: string
  stack?: string
  settings?: AppSettings
  retention?: Partial<RetentionPolicy>
  lastVersion?: number
  releasedAt?: Instant
  archivedAt?: Instant
}

export class AppWriter extends AppReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: { name: string; ownerId: string; stack: string }): Promise<App> {
    const { now, newId } = this.#context
    const row = await this.#context.db
      .insertInto('apps')
      .values({
        id: newId(),
        name: draft.name,
        owner_id: draft.ownerId,
        revision: 1,
        last_version: 0,
        maintenance: 0,
        stack: draft.stack,
        build_stack: draft.stack,
        settings: '{}',
        retention: null,
        released_at: null,
        created_at: now,
        updated_at: now,
        archived_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return app(row)
  }

  async update(id: string, changes: AppChanges): Promise<void> {
    await this.#context.db
      .updateTable('apps')
      .set({
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.ownerId !== undefined && { owner_id: changes.ownerId }),
        ...(changes.maintenance !== undefined && { maintenance: bit(changes.maintenance) }),
        ...(changes.buildStack !== undefined && { build_stack: changes.buildStack }),
        ...(changes.stack !== undefined && { stack: changes.stack }),
        ...(changes.settings !== undefined && { settings: JSON.stringify(changes.settings) }),
        ...(changes.retention !== undefined && { retention: JSON.stringify(changes.retention) }),
        ...(changes.lastVersion !== undefined && { last_version: changes.lastVersion }),
        ...(changes.releasedAt !== undefined && { released_at: changes.releasedAt }),
        ...(changes.archivedAt !== undefined && { archived_at: changes.archivedAt }),
        updated_at: this.#context.now,
      })
      .where('id', '=', id)
      .execute()
  }
}

/**
 * Takes the app's row, so that whatever is read after it in this transaction is fresh and stays so to its end.
 * Undefined when there is no such app, or it was destroyed.
 */
export async function lockApp(db: Kysely<Schema>, id: string): Promise<App | undefined> {
  const row = await db
    .updateTable('apps')
    .set(columns => ({ revision: columns('revision', '+', 1) }))
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row && app(row)
}

function app(row: Selectable<AppsTable>): App {
  return {
    id: row.id,
    name: row.name,
    ownerId: row.owner_id,
    revision: row.revision,
    lastVersion: row.last_version,
    maintenance: row.maintenance === 1,
    stack: row.stack,
    buildStack: row.build_stack,
    settings: JSON.parse(row.settings) as AppSettings,
    retention: JSON.parse(row.retention ?? '{}') as Partial<RetentionPolicy>,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    releasedAt: row.released_at,
    archivedAt: row.archived_at,
  }
}
