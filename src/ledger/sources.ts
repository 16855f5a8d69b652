import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** A place for one uploaded source tarball. */
export interface Source {
  id: string
  accountId: string
  /** Null when it may be built by any app of its account. */
  appId: string | null
  /** Null until it was uploaded whole. */
  receivedAt: Instant | null
  createdAt: Instant
}

export class SourceReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async byId(id: string): Promise<Source | undefined> {
    const row = await this.#context.db
      .selectFrom('sources')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    return {
      id: row.id,
      accountId: row.account_id,
      appId: row.app_id,
      receivedAt: row.received_at,
      createdAt: row.created_at,
    }
  }
}

export class SourceWriter extends SourceReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: Pick<Source, 'accountId' | 'appId'>): Promise<string> {
    const { now, newId } = this.#context
    const id = newId()
    await this.#context.db
      .insertInto('sources')
      .values({ id, account_id: draft.accountId, app_id: draft.appId, received_at: null, created_at: now })
      .execute()
    return id
  }

  async markReceived(id: string): Promise<void> {
    await this.#context.db
      .updateTable('sources')
      .set({ received_at: this.#context.now })
      .where('id', '=', id)
      .execute()
  }

  /** Forgets sources older than `before`; returns their ids, whose files may go. */
  async deleteOlder(before: Instant): Promise<string[]> {
    const rows = await this.#context.db
      .deleteFrom('sources')
      .where('created_at', '<', before)
      .returning('id')
      .execute()
    return rows.map(row => row.id)
  }
}
