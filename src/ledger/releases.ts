import type { Kysely, Selectable } from 'kysely'
import { type Attachment, addonPlanNames } from '../core/attachment.ts'
import type { Change } from '../core/change.ts'
import type { Pin, Release, ReleaseStatus } from '../core/release.ts'
import type { Instant } from '../core/time.ts'
import { bit, type ReadContext, type WriteContext } from './context.ts'
import { CURRENT, ONE, PENDING } from './literals.ts'
import type { ReleasesTable, Schema } from './schema.ts'

/** Which releases to list, by version. */
export interface ReleaseRange {
  /** Inclusive. */
  from?: number
  /** Inclusive. */
  to?: number
  order: 'asc' | 'desc'
  limit: number
}

export class ReleaseReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async list(appId: string, range: ReleaseRange): Promise<Release[]> {
    let query = this.#of(appId)
    if (range.from !== undefined) query = query.where('version', '>=', range.from)
    if (range.to !== undefined) query = query.where('version', '<=', range.to)
    const rows = await query.orderBy('version', range.order).limit(range.limit).execute()
    return rows.map(release)
  }

  async byId(appId: string, id: string): Promise<Release | undefined> {
    return first(this.#of(appId).where('releases.id', '=', id))
  }

  async byVersion(appId: string, version: number): Promise<Release | undefined> {
    return first(this.#of(appId).where('version', '=', version))
  }

  /** The release the formation runs. */
  async current(appId: string): Promise<Release | undefined> {
    return first(this.#of(appId).where('current', '=', CURRENT))
  }

  /** The newest release that has not failed: what the next change builds on. `before` looks only at older versions. */
  async head(appId: string, before?: number): Promise<Release | undefined> {
    const live = this.#of(appId).where(where =>
      where.or([where('status', '=', PENDING), where('succeeded_at', 'is not', null)]),
    )
    return first(
      (before === undefined ? live : live.where('version', '<', before)).orderBy('version', 'desc'),
    )
  }

  /** The newest release older than `before` that the formation ran. */
  async lastRun(appId: string, before: number): Promise<Release | undefined> {
    const ran = this.#of(appId)
      .where('succeeded_at', 'is not', null)
      .where('turn_at', 'is not', null)
      .where('version', '<', before)
    return first(ran.orderBy('version', 'desc'))
  }

  /** The release whose turn it is, if one is rolling out. */
  async rolling(appId: string): Promise<Release | undefined> {
    return first(this.#of(appId).where('status', '=', PENDING).where('turn_at', 'is not', null))
  }

  /** Releases that have not ended, oldest first; the first is rolling out, the others wait. */
  async pending(appId: string): Promise<Release[]> {
    const rows = await this.#of(appId).where('status', '=', PENDING).orderBy('version').execute()
    return rows.map(release)
  }

  async byRequest(appId: string, accountId: string, requestId: string): Promise<Release | undefined> {
    return first(this.#of(appId).where('account_id', '=', accountId).where('request_id', '=', requestId))
  }

  /** The release that an artifact came with. */
  async firstOfArtifact(appId: string, artifactId: string): Promise<Release | undefined> {
    return first(this.#of(appId).where('artifact_id', '=', artifactId).orderBy('version'))
  }

  /** The newest release that came from code, up to and including `version`: whose commit the app shows. */
  async lastDeploy(appId: string, version: number): Promise<Release | undefined> {
    return first(
      this.#of(appId)
        .where('releases.kind', '=', 'deploy')
        .where('version', '<=', version)
        .orderBy('version', 'desc'),
    )
  }

  /** Releases by their ids. */
  async byIds(appId: string, ids: readonly string[]): Promise<Release[]> {
    if (ids.length === 0) return []
    return (await this.#of(appId).where('releases.id', 'in', ids).execute()).map(release)
  }

  /** Every release that uses one of these artifacts. */
  async ofArtifacts(appId: string, artifactIds: readonly string[]): Promise<Release[]> {
    if (artifactIds.length === 0) return []
    const rows = await this.#of(appId).where('releases.artifact_id', 'in', artifactIds).execute()
    return rows.map(release)
  }

  /** Apps in which something may have to be started, stopped or finished: those with a current or pending release. */
  async appsAlive(): Promise<string[]> {
    const { db } = this.#context
    const withCode = db.selectFrom('releases').select('app_id').where('artifact_id', 'is not', null)
    const rows = await db
      .selectFrom('apps')
      .select('apps.id')
      .where('archived_at', 'is', null)
      .where(
        'apps.id',
        'in',
        withCode.where('status', '=', PENDING).union(withCode.where('current', '=', CURRENT)),
      )
      .execute()
    return rows.map(row => row.id)
  }

  #of(appId: string) {
    return select(this.#context.db).where('releases.app_id', '=', appId)
  }
}

function select(db: Kysely<Schema>) {
  return db
    .selectFrom('releases')
    .innerJoin('accounts', 'accounts.id', 'releases.account_id')
    .leftJoin('artifacts', 'artifacts.id', 'releases.artifact_id')
    .leftJoin('accounts as pinners', 'pinners.id', 'releases.pin_account_id')
    .selectAll('releases')
    .select([
      'accounts.email',
      'artifacts.deleted_at as artifact_deleted_at',
      'artifacts.kind as artifact_kind',
      'pinners.email as pin_email',
    ])
}

type Query = ReturnType<typeof select>

async function first(query: Query): Promise<Release | undefined> {
  const row = await query.limit(ONE).executeTakeFirst()
  return row && release(row)
}

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

interface JoinedRow extends Selectable<ReleasesTable> {
  email: string
  artifact_deleted_at: number | null
  artifact_kind: string | null
  pin_email: string | null
}

function release(row: JoinedRow): Release {
  return {
    id: row.id,
    appId: row.app_id,
    version: row.version,
    kind: row.kind as Change['kind'],
    description: row.description,
    status: row.status as ReleaseStatus,
    current: row.current === 1,
    reason: row.reason,
    artifactId: row.artifact_id,
    artifactKind: row.artifact_kind as Release['artifactKind'],
    artifactDeletedAt: row.artifact_deleted_at as Instant | null,
    configId: row.config_id,
    attachments: JSON.parse(row.attachments) as Attachment[],
    account: { id: row.account_id, email: row.email },
    turnAt: row.turn_at,
    succeededAt: row.succeeded_at,
    pin: pin(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function pin({ pin_reason, pin_account_id, pin_email, pinned_at }: JoinedRow): Pin | null {
  if (pin_reason === null || pin_account_id === null || pin_email === null || pinned_at === null) return null
  return { reason: pin_reason, account: { id: pin_account_id, email: pin_email }, createdAt: pinned_at }
}
