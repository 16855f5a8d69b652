import type { Slot } from '../core/desired.ts'
import { bit, type ReadContext, type WriteContext } from './context.ts'

export class SlotReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async list(appId: string): Promise<Slot[]> {
    const rows = await this.#context.db.selectFrom('slots').selectAll().where('app_id', '=', appId).execute()
    return rows.map(row => ({
      name: row.name,
      epoch: row.epoch,
      isStopped: row.stopped === 1,
      releaseId: row.release_id,
      crashes: row.crashes,
      crashedAt: row.crashed_at,
    }))
  }
}

export class SlotWriter extends SlotReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async save(appId: string, slot: Slot): Promise<void> {
    const values = {
      epoch: slot.epoch,
      stopped: bit(slot.isStopped),
      release_id: slot.releaseId,
      crashes: slot.crashes,
      crashed_at: slot.crashedAt,
    }
    await this.#context.db
      .insertInto('slots')
      .values({ app_id: appId, name: slot.name, ...values })
      .onConflict(conflict => conflict.columns(['app_id', 'name']).doUpdateSet(values))
      .execute()
  }
}
