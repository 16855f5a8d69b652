import type { Selectable } from 'kysely'
import type { Account, Token } from '../core/account.ts'
import type { Instant } from '../core/time.ts'
import { bit, type ReadContext, type WriteContext } from './context.ts'
import type { AccountsTable, TokensTable } from './schema.ts'

export class AccountReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async list(): Promise<Account[]> {
    const rows = await this.#context.db.selectFrom('accounts').selectAll().orderBy('email').execute()
    return rows.map(account)
  }

  async byId(id: string): Promise<Account | undefined> {
    const row = await this.#context.db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && account(row)
  }

  /** E-mail addresses are kept in lower case. */
  async byEmail(email: string): Promise<Account | undefined> {
    const row = await this.#context.db
      .selectFrom('accounts')
      .selectAll()
      .where('email', '=', email.toLowerCase())
      .executeTakeFirst()
    return row && account(row)
  }

  async passwordHash(id: string): Promise<string | null> {
    const row = await this.#context.db
      .selectFrom('accounts')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirst()
    return row?.password_hash ?? null
  }

  /** The account and token that a token's hash stands for, expired and disabled ones included. */
  async byTokenHash(hash: string): Promise<{ account: Account; token: Token } | undefined> {
    const row = await this.#context.db
      .selectFrom('tokens')
      .innerJoin('accounts', 'accounts.id', 'tokens.account_id')
      .selectAll('accounts')
      .select([
        'tokens.id as token_id',
        'tokens.description as token_description',
        'tokens.expires_at as token_expires_at',
        'tokens.created_at as token_created_at',
        'tokens.updated_at as token_updated_at',
      ])
      .where('tokens.hash', '=', hash)
      .executeTakeFirst()
    if (!row) return undefined
    const token: Token = {
      id: row.token_id,
      accountId: row.id,
      description: row.token_description,
      expiresAt: row.token_expires_at,
      createdAt: row.token_created_at,
      updatedAt: row.token_updated_at,
    }
    return { account: account(row), token }
  }

  async tokens(accountId: string): Promise<Token[]> {
    const rows = await this.#context.db
      .selectFrom('tokens')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('created_at')
      .execute()
    return rows.map(token)
  }
}

export class AccountWriter extends AccountReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: {
    email: string
    name: string | null
    passwordHash: string | null
    isOwner: boolean
  }): Promise<Account> {
    const { now, newId } = this.#context
    const row = await this.#context.db
      .insertInto('accounts')
      .values({
        id: newId(),
        email: draft.email.toLowerCase(),
        name: draft.name,
        password_hash: draft.passwordHash,
        is_owner: bit(draft.isOwner),
        disabled_at: null,
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return account(row)
  }

  async update(
    id: string,
    changes: { passwordHash?: string; name?: string; disabledAt?: Instant | null },
  ): Promise<void> {
    await this.#context.db
      .updateTable('accounts')
      .set({
        ...(changes.passwordHash !== undefined && { password_hash: changes.passwordHash }),
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.disabledAt !== undefined && { disabled_at: changes.disabledAt }),
        updated_at: this.#context.now,
      })
      .where('id', '=', id)
      .execute()
  }

  async insertToken(draft: {
    accountId: string
    hash: string
    description: string
    expiresAt: Instant | null
  }): Promise<Token> {
    const { now, newId } = this.#context
    const row = await this.#context.db
      .insertInto('tokens')
      .values({
        id: newId(),
        account_id: draft.accountId,
        hash: draft.hash,
        description: draft.description,
        expires_at: draft.expiresAt,
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return token(row)
  }

  /** False when the account has no such token. */
  async deleteToken(accountId: string, id: string): Promise<boolean> {
    const result = await this.#context.db
      .deleteFrom('tokens')
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  async deleteTokens(accountId: string): Promise<void> {
    await this.#context.db.deleteFrom('tokens').where('account_id', '=', accountId).execute()
  }
}

function account(row: Selectable<AccountsTable>): Account {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    isOwner: row.is_owner === 1,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function token(row: Selectable<TokensTable>): Token {
  return {
    id: row.id,
    accountId: row.account_id,
    description: row.description,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
