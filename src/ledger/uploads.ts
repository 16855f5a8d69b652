import type { Selectable } from 'kysely'
import type { Instant } from '../core/time.ts'
import type { Upload, UploadDetails } from '../core/upload.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { UploadsTable } from './schema.ts'

export class UploadReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  /** One that has not come in whole. */
  async byId(id: string): Promise<Upload | undefined> {
    const row = await this.#context.db
      .selectFrom('uploads')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && upload(row)
  }
}

export class UploadWriter extends UploadReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: Omit<Upload, 'createdAt'>): Promise<Upload> {
    const row = await this.#context.db
      .insertInto('uploads')
      .values({
        id: draft.id,
        app_id: draft.appId,
        account_id: draft.accountId,
        kind: draft.kind,
        details: JSON.stringify(draft.details),
        created_at: this.#context.now,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return upload(row)
  }

  async delete(id: string): Promise<void> {
    await this.#context.db.deleteFrom('uploads').where('id', '=', id).execute()
  }

  async deleteOfApp(appId: string): Promise<void> {
    await this.#context.db.deleteFrom('uploads').where('app_id', '=', appId).execute()
  }

  /** Those that nobody sent. */
  async deleteOlder(before: Instant): Promise<void> {
    await this.#context.db.deleteFrom('uploads').where('created_at', '<', before).execute()
  }
}

function upload(row: Selectable<UploadsTable>): Upload {
  return {
    id: row.id,
    appId: row.app_id,
    accountId: row.account_id,
    kind: row.kind as Upload['kind'],
    details: JSON.parse(row.details) as UploadDetails,
    createdAt: row.created_at,
  }
}
