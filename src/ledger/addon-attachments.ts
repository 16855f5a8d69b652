import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** That an add-on was once attached to an app. Whether it still is, the app's releases say. */
export interface AttachmentRecord {
  id: string
  appId: string
  addonId: string
  name: string
  createdAt: Instant
}

export class AttachmentReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async byId(id: string): Promise<AttachmentRecord | undefined> {
    const [record] = await this.#where('id', id)
    return record
  }

  async ofAddon(addonId: string): Promise<AttachmentRecord[]> {
    return this.#where('addon_id', addonId)
  }

  async ofApp(appId: string): Promise<AttachmentRecord[]> {
    return this.#where('app_id', appId)
  }

  /** Apps, destroyed ones aside, that an add-on is or was attached to. */
  async apps(addonId: string): Promise<string[]> {
    const rows = await this.#context.db
      .selectFrom('addon_attachments')
      .innerJoin('apps', 'apps.id', 'addon_attachments.app_id')
      .select('app_id')
      .distinct()
      .where('addon_id', '=', addonId)
      .where('archived_at', 'is', null)
      .execute()
    return rows.map(row => row.app_id)
  }

  async #where(column: 'id' | 'addon_id' | 'app_id', value: string): Promise<AttachmentRecord[]> {
    const rows = await this.#context.db
      .selectFrom('addon_attachments')
      .selectAll()
      .where(column, '=', value)
      .orderBy('created_at')
      .execute()
    return rows.map(row => ({
      id: row.id,
      appId: row.app_id,
      addonId: row.addon_id,
      name: row.name,
      createdAt: row.created_at,
    }))
  }
}

export class AttachmentWriter extends AttachmentReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: Omit<AttachmentRecord, 'createdAt'>): Promise<void> {
    await this.#context.db
      .insertInto('addon_attachments')
      .values({
        id: draft.id,
        app_id: draft.appId,
        addon_id: draft.addonId,
        name: draft.name,
        created_at: this.#context.now,
      })
      .execute()
  }
}
