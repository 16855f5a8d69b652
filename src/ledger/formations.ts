import type { Selectable } from 'kysely'
import type { Formation } from '../core/formation.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { FormationTable } from './schema.ts'

export class FormationReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async list(appId: string): Promise<Formation[]> {
    const rows = await this.#context.db
      .selectFrom('formation')
      .selectAll()
      .where('app_id', '=', appId)
      .orderBy('type')
      .execute()
    return rows.map(formation)
  }
}

export class FormationWriter extends FormationReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: Pick<Formation, 'appId' | 'type' | 'quantity' | 'size'>): Promise<void> {
    const { now, newId } = this.#context
    await this.#context.db
      .insertInto('formation')
      .values({
        id: newId(),
        app_id: draft.appId,
        type: draft.type,
        quantity: draft.quantity,
        size: draft.size,
        epoch: 0,
        created_at: now,
        updated_at: now,
      })
      .execute()
  }

  async update(id: string, changes: { quantity?: number; size?: string; epoch?: number }): Promise<void> {
    await this.#context.db
      .updateTable('formation')
      .set({ ...changes, updated_at: this.#context.now })
      .where('id', '=', id)
      .execute()
  }

  async delete(id: string): Promise<void> {
    await this.#context.db.deleteFrom('formation').where('id', '=', id).execute()
  }
}

function formation(row: Selectable<FormationTable>): Formation {
  return {
    id: row.id,
    appId: row.app_id,
    type: row.type,
    quantity: row.quantity,
    size: row.size,
    epoch: row.epoch,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
