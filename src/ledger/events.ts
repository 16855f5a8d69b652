import { sql } from 'kysely'
import type { Instant } from '../core/time.ts'
import type { ReadContext } from './context.ts'
import { CRASH } from './literals.ts'

/** Something that happened, in the words of the API's webhooks: the noun, then what became of it. */
export interface LedgerEvent {
  /** Rises with every event; events are told and stored in this order. */
  seq: number
  appId: string | null
  kind: EventKind
  data: EventData
  at: Instant
}

export type EventKind =
  | 'app:create'
  | 'app:update'
  | 'app:destroy'
  | 'collaborator:create'
  | 'collaborator:destroy'
  | 'build:create'
  | 'build:update'
  | 'release:create'
  | 'release:update'
  | 'release:pin'
  | 'release:unpin'
  | 'release:expire'
  | 'formation:update'
  | 'dyno:create'
  | 'dyno:update'
  | 'dyno:crash'
  | 'account:update'
  | 'addon:create'
  | 'addon:update'
  | 'addon:destroy'
  | 'addon-attachment:create'
  | 'addon-attachment:destroy'

/** Names, ids and words for people; never a config value or a token. */
export type EventData = Readonly<Record<string, string | number | boolean | null>>

export type EventDraft = Pick<LedgerEvent, 'appId' | 'kind' | 'data'>

export class EventReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  /** How often dynos of each release have crashed since then, by release id. */
  async crashes(appId: string, since: Instant): Promise<Map<string, number>> {
    const rows = await this.#context.db
      .selectFrom('events')
      .select('data')
      .where('app_id', '=', appId)
      .where('at', '>=', since)
      .where('kind', '=', CRASH)
      .execute()
    const releases = rows.map(row => String((JSON.parse(row.data) as EventData).releaseId))
    return new Map([...Map.groupBy(releases, id => id)].map(([id, all]) => [id, all.length]))
  }

  /** The events after `seq`, oldest first. */
  async since(seq: number, limit: number): Promise<LedgerEvent[]> {
    const rows = await this.#context.db
      .selectFrom('events')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .execute()
    return rows.map(row => ({
      seq: row.seq,
      appId: row.app_id,
      kind: row.kind as EventKind,
      data: JSON.parse(row.data) as EventData,
      at: row.at,
    }))
  }
}

/** Number of the advisory lock that makes PostgreSQL's event numbers rise in the order of commits. */
const EVENT_LOCK = 7_433_001

/** Stores a transaction's events as its last statement. */
export async function storeEvents(
  context: ReadContext & { now: Instant },
  drafts: readonly EventDraft[],
  lockNeeded: boolean,
): Promise<LedgerEvent[]> {
  if (drafts.length === 0) return []
  if (lockNeeded) await sql`select pg_advisory_xact_lock(${sql.lit(EVENT_LOCK)})`.execute(context.db)
  const rows = await context.db
    .insertInto('events')
    .values(
      drafts.map(({ appId, kind, data }) => ({
        app_id: appId,
        kind,
        data: JSON.stringify(data),
        at: context.now,
      })),
    )
    .returning('seq')
    .execute()
  return drafts.map((draft, index) => ({ ...draft, at: context.now, seq: rows[index]?.seq ?? 0 }))
}
