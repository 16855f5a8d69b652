import type { Selectable } from 'kysely'
import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { AddonBackupsTable } from './schema.ts'

/** What was kept of an add-on before it was destroyed. */
export interface AddonBackup {
  id: string
  addonId: string
  /** Its provider alone knows what that means. */
  place: string
  size: number
  createdAt: Instant
  expiresAt: Instant
  deletedAt: Instant | null
}

export class AddonBackupReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async byId(id: string): Promise<AddonBackup | undefined> {
    const row = await this.#alive().where('id', '=', id).executeTakeFirst()
    return row && backup(row)
  }

  /** Those that are there, the newest first. */
  async list(): Promise<AddonBackup[]> {
    return (await this.#alive().orderBy('created_at', 'desc').execute()).map(backup)
  }

  async ofAddon(addonId: string): Promise<AddonBackup[]> {
    const rows = await this.#alive().where('addon_id', '=', addonId).orderBy('created_at', 'desc').execute()
    return rows.map(backup)
  }

  #alive() {
    return this.#context.db.selectFrom('addon_backups').selectAll().where('deleted_at', 'is', null)
  }
}

export class AddonBackupWriter extends AddonBackupReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  /** Writing the same down again changes nothing. */
  async insert(draft: Omit<AddonBackup, 'createdAt' | 'deletedAt'>): Promise<void> {
    await this.#context.db
      .insertInto('addon_backups')
      .values({
        id: draft.id,
        addon_id: draft.addonId,
        place: draft.place,
        size: draft.size,
        created_at: this.#context.now,
        expires_at: draft.expiresAt,
        deleted_at: null,
      })
      .onConflict(conflict => conflict.column('id').doNothing())
      .execute()
  }

  async markDeleted(id: string): Promise<void> {
    await this.#context.db
      .updateTable('addon_backups')
      .set({ deleted_at: this.#context.now })
      .where('id', '=', id)
      .execute()
  }
}

function backup(row: Selectable<AddonBackupsTable>): AddonBackup {
  return {
    id: row.id,
    addonId: row.addon_id,
    place: row.place,
    size: row.size,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    deletedAt: row.deleted_at,
  }
}
