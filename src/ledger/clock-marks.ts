import type { ClockMark } from '../core/steady-clock.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { ONE } from './literals.ts'

/** What the wall clock showed when it was last looked at, over all restarts. */
export class ClockMarkReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  /** Null in a new ledger. One in which nobody has looked yet knows the moment of its newest event. */
  async last(): Promise<ClockMark | null> {
    const { db } = this.#context
    const row = await db
      .selectFrom('platform')
      .select(['clock_wall', 'clock_steady_since'])
      .executeTakeFirstOrThrow()
    if (row.clock_wall !== null) return { wall: row.clock_wall, steadySince: row.clock_steady_since }
    const event = await db
      .selectFrom('events')
      .select('at')
      .orderBy('seq', 'desc')
      .limit(ONE)
      .executeTakeFirst()
    return event ? { wall: event.at, steadySince: null } : null
  }
}

export class ClockMarkWriter extends ClockMarkReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async save(mark: ClockMark): Promise<void> {
    await this.#context.db
      .updateTable('platform')
      .set({ clock_wall: mark.wall, clock_steady_since: mark.steadySince })
      .execute()
  }
}
