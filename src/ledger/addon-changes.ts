import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** A change of an add-on for which an app it is attached to has no release yet. */
export interface AddonChange {
  id: string
  addonId: string
  appId: string
  kind: 'update' | 'plan' | 'detach'
  accountId: string
  createdAt: Instant
}

export class AddonChangeReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  /** In the order in which they came about. */
  async list(): Promise<AddonChange[]> {
    const rows = await this.#context.db
      .selectFrom('addon_changes')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(row => ({
      id: row.id,
      addonId: row.addon_id,
      appId: row.app_id,
      kind: row.kind as AddonChange['kind'],
      accountId: row.account_id,
      createdAt: row.created_at,
    }))
  }
}

export class AddonChangeWriter extends AddonChangeReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: Omit<AddonChange, 'id' | 'createdAt'>): Promise<void> {
    const { now, newId } = this.#context
    await this.#context.db
      .insertInto('addon_changes')
      .values({
        id: newId(),
        addon_id: draft.addonId,
        app_id: draft.appId,
        kind: draft.kind,
        account_id: draft.accountId,
        created_at: now,
      })
      .execute()
  }

  /** False when it was gone already: somebody else has done it. */
  async delete(id: string): Promise<boolean> {
    const result = await this.#context.db.deleteFrom('addon_changes').where('id', '=', id).executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  /** What a destroyed app need not be told. */
  async deleteOfApp(appId: string): Promise<void> {
    await this.#context.db.deleteFrom('addon_changes').where('app_id', '=', appId).execute()
  }
}
