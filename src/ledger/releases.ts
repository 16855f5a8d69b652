import type { Kysely, Selectable } from 'kysely'
import type { Attachment } from '../core/attachment.ts'
import type { Change } from '../core/change.ts'
import type { Pin, Release, ReleaseStatus } from '../core/release.ts'
import type { Instant } from '../core/time.ts'
import type { ReadContext } from './context.ts'
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
