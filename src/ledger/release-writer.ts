import { type Attachment, addonPlanNames } from '../core/attachment.ts'
import type { Change } from '../core/change.ts'
import { bit, type WriteContext } from './context.ts'
import { CURRENT } from './literals.ts'
import { ReleaseReader } from './releases.ts'

/** A release about to be appended: everything but what the ledger itself gives it. */
export interface ReleaseRow {
  appId: string
  version: number
  kind: Change['kind']
  description: string
  artifactId: string | null
  configId: string
  attachments: readonly Attachment[]
  accountId: string
  requestId: string | null
  /** The change, when the release has to wait for its turn; null when its turn is now. */
  waitingChange: Change | null
}

export class ReleaseWriter extends ReleaseReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  /** Appends a release, pending; its turn is now unless it waits. Returns its id. */
  async insert(row: ReleaseRow): Promise<string> {
    const { now, newId, seal } = this.#context
    const id = newId()
    await this.#context.db
      .insertInto('releases')
      .values({
        id,
        app_id: row.appId,
        version: row.version,
        kind: row.kind,
        description: row.description,
        artifact_id: row.artifactId,
        config_id: row.configId,
        ...attachmentColumns(row.attachments),
        status: 'pending',
        current: 0,
        reason: null,
        waiting_change: row.waitingChange && seal.seal(JSON.stringify(row.waitingChange), `release ${id}`),
        turn_at: row.waitingChange ? null : now,
        succeeded_at: null,
        account_id: row.accountId,
        request_id: row.requestId,
        pin_reason: null,
        pin_account_id: null,
        pinned_at: null,
        created_at: now,
        updated_at: now,
      })
      .execute()
    return id
  }

  /** The change a waiting release will be computed from when its turn comes. */
  async waitingChange(id: string): Promise<Change> {
    const { seal } = this.#context
    const row = await this.#context.db
      .selectFrom('releases')
      .select('waiting_change')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (!row.waiting_change) throw new Error(`Release ${id} is not waiting.`)
    return JSON.parse(seal.open(row.waiting_change, `release ${id}`)) as Change
  }

  /** Gives a waiting release other content than it was appended with: the release before it has failed. */
  async revise(
    id: string,
    content: Pick<ReleaseRow, 'description' | 'artifactId' | 'configId' | 'attachments'>,
  ): Promise<void> {
    await this.#context.db
      .updateTable('releases')
      .set({
        description: content.description,
        artifact_id: content.artifactId,
        config_id: content.configId,
        ...attachmentColumns(content.attachments),
        updated_at: this.#context.now,
      })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .execute()
  }

  /** Gives a waiting release its turn: what it holds is final from now on. */
  async giveTurn(id: string): Promise<void> {
    const { now } = this.#context
    await this.#context.db
      .updateTable('releases')
      .set({ waiting_change: null, turn_at: now, updated_at: now })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .execute()
  }

  /** Ends well a release that waits: another one that succeeds brings about what it was for. It never is current. */
  async carry(id: string): Promise<void> {
    const { now } = this.#context
    await this.#context.db
      .updateTable('releases')
      .set({ status: 'succeeded', succeeded_at: now, waiting_change: null, updated_at: now })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .execute()
  }

  /** Makes a pending release the current one. */
  async succeed(appId: string, id: string): Promise<void> {
    const { db, now } = this.#context
    await db
      .updateTable('releases')
      .set({ current: 0 })
      .where('app_id', '=', appId)
      .where('current', '=', CURRENT)
      .execute()
    await db
      .updateTable('releases')
      .set({ status: 'succeeded', current: 1, succeeded_at: now, updated_at: now })
      .where('id', '=', id)
      .execute()
  }

  /** Says more about a release than its change does. */
  async explain(id: string, reason: string): Promise<void> {
    await this.#context.db.updateTable('releases').set({ reason }).where('id', '=', id).execute()
  }

  async fail(id: string, reason: string): Promise<void> {
    await this.#context.db
      .updateTable('releases')
      .set({ status: 'failed', reason, waiting_change: null, updated_at: this.#context.now })
      .where('id', '=', id)
      .execute()
  }

  /** Marks releases whose artifact is about to be destroyed. */
  async expire(ids: readonly string[], reason: string): Promise<void> {
    await this.#context.db
      .updateTable('releases')
      .set({ status: 'expired', reason, updated_at: this.#context.now })
      .where('id', 'in', ids)
      .execute()
  }

  /** Exempts a release from retention, or no longer (null). */
  async pin(id: string, pin: { reason: string; accountId: string } | null): Promise<void> {
    const { db, now } = this.#context
    await db
      .updateTable('releases')
      .set({
        pin_reason: pin?.reason ?? null,
        pin_account_id: pin?.accountId ?? null,
        pinned_at: pin ? now : null,
        updated_at: now,
      })
      .where('id', '=', id)
      .execute()
  }

  /** A destroyed app runs nothing. */
  async retireCurrent(appId: string): Promise<void> {
    await this.#context.db
      .updateTable('releases')
      .set({ current: bit(false) })
      .where('app_id', '=', appId)
      .where('current', '=', CURRENT)
      .execute()
  }
}

/** Both say the same: the second for whoever looks into the database. */
function attachmentColumns(attachments: readonly Attachment[]) {
  return {
    attachments: JSON.stringify(attachments),
    addon_plan_names: JSON.stringify(addonPlanNames(attachments)),
  }
}
