import type { Account } from '../core/account.ts'
import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** Someone other than its owner who works on an app. */
export interface Collaborator {
  id: string
  appId: string
  account: Pick<Account, 'id' | 'email'>
  createdAt: Instant
  updatedAt: Instant
}

export class CollaboratorReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async list(appId: string): Promise<Collaborator[]> {
    const rows = await this.#context.db
      .selectFrom('collaborators')
      .innerJoin('accounts', 'accounts.id', 'collaborators.account_id')
      .selectAll('collaborators')
      .select('accounts.email')
      .where('app_id', '=', appId)
      .orderBy('accounts.email')
      .execute()
    return rows.map(row => ({
      id: row.id,
      appId: row.app_id,
      account: { id: row.account_id, email: row.email },
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }))
  }

  async includes(appId: string, accountId: string): Promise<boolean> {
    const row = await this.#context.db
      .selectFrom('collaborators')
      .select('id')
      .where('app_id', '=', appId)
      .where('account_id', '=', accountId)
      .executeTakeFirst()
    return row !== undefined
  }
}

export class CollaboratorWriter extends CollaboratorReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(appId: string, accountId: string): Promise<void> {
    const { now, newId } = this.#context
    await this.#context.db
      .insertInto('collaborators')
      .values({ id: newId(), app_id: appId, account_id: accountId, created_at: now, updated_at: now })
      .execute()
  }

  async delete(id: string): Promise<void> {
    await this.#context.db.deleteFrom('collaborators').where('id', '=', id).execute()
  }
}
