import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** What lets a provider act on one add-on: a code to be exchanged once, or a token. Only its SHA-256 is kept. */
export interface AddonGrant {
  hash: string
  addonId: string
  kind: 'code' | 'access' | 'refresh'
  expiresAt: Instant
}

export class AddonGrantReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  /** Expired ones included. */
  async byHash(hash: string): Promise<AddonGrant | undefined> {
    const row = await this.#context.db
      .selectFrom('addon_grants')
      .selectAll()
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (!row) return undefined
    const kind = row.kind as AddonGrant['kind']
    return { hash: row.hash, addonId: row.addon_id, kind, expiresAt: row.expires_at }
  }
}

export class AddonGrantWriter extends AddonGrantReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(grant: AddonGrant): Promise<void> {
    await this.#context.db
      .insertInto('addon_grants')
      .values({
        hash: grant.hash,
        addon_id: grant.addonId,
        kind: grant.kind,
        expires_at: grant.expiresAt,
        created_at: this.#context.now,
      })
      .execute()
  }

  async delete(hash: string): Promise<void> {
    await this.#context.db.deleteFrom('addon_grants').where('hash', '=', hash).execute()
  }

  async deleteOfAddon(addonId: string): Promise<void> {
    await this.#context.db.deleteFrom('addon_grants').where('addon_id', '=', addonId).execute()
  }
}
