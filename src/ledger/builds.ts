import type { Selectable } from 'kysely'
import type { Build, BuildpackRef, BuildSource, BuildStatus } from '../core/build.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { PENDING } from './literals.ts'
import type { BuildsTable } from './schema.ts'

/** So many ids are named in one statement. */
const IDS = 1000

export class BuildReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async byId(appId: string, id: string): Promise<Build | undefined> {
    const row = await this.#context.db
      .selectFrom('builds')
      .selectAll()
      .where('app_id', '=', appId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && build(row)
  }

  /** Newest first. */
  async list(appId: string, limit: number): Promise<Build[]> {
    const rows = await this.#context.db
      .selectFrom('builds')
      .selectAll()
      .where('app_id', '=', appId)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(build)
  }

  /** Builds of all apps that have not ended, oldest first. */
  async pending(): Promise<Build[]> {
    const rows = await this.#context.db
      .selectFrom('builds')
      .selectAll()
      .where('status', '=', PENDING)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(build)
  }

  /** Which of these are ids of builds that have ended. */
  async ended(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const rows = await this.#context.db
      .selectFrom('builds')
      .select('id')
      .where('id', 'in', ids)
      .where('status', '<>', PENDING)
      .execute()
    return rows.map(({ id }) => id)
  }

  /** The app of each of these builds, by id; ids of others are left out. */
  async appsOf(ids: readonly string[]): Promise<Map<string, string>> {
    const apps = new Map<string, string>()
    for (let from = 0; from < ids.length; from += IDS) {
      const rows = await this.#context.db
        .selectFrom('builds')
        .select(['id', 'app_id'])
        .where('id', 'in', ids.slice(from, from + IDS))
        .execute()
      for (const row of rows) apps.set(row.id, row.app_id)
    }
    return apps
  }

  /** Pending builds of one app, oldest first: the order in which they get their turn. */
  async queue(appId: string): Promise<Build[]> {
    return (await this.pending()).filter(build => build.appId === appId)
  }
}

export class BuildWriter extends BuildReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(
    draft: Pick<Build, 'appId' | 'accountId' | 'source' | 'version' | 'versionDescription' | 'buildpacks'>,
  ): Promise<Build> {
    const { now, newId } = this.#context
    const row = await this.#context.db
      .insertInto('builds')
      .values({
        id: newId(),
        app_id: draft.appId,
        account_id: draft.accountId,
        status: 'pending',
        started_at: null,
        source: JSON.stringify(draft.source),
        version: draft.version,
        version_description: draft.versionDescription,
        buildpacks: JSON.stringify(draft.buildpacks),
        artifact_id: null,
        release_id: null,
        reason: null,
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return build(row)
  }

  async start(id: string): Promise<void> {
    const { now } = this.#context
    await this.#context.db
      .updateTable('builds')
      .set({ started_at: now, updated_at: now })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .execute()
  }

  /** Ends a pending build. False when it had ended already. */
  async end(
    id: string,
    outcome: {
      status: BuildStatus
      reason?: string
      artifactId?: string
      releaseId?: string
      buildpacks?: readonly BuildpackRef[]
    },
  ): Promise<boolean> {
    const result = await this.#context.db
      .updateTable('builds')
      .set({
        status: outcome.status,
        reason: outcome.reason ?? null,
        artifact_id: outcome.artifactId ?? null,
        release_id: outcome.releaseId ?? null,
        ...(outcome.buildpacks && { buildpacks: JSON.stringify(outcome.buildpacks) }),
        updated_at: this.#context.now,
      })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .executeTakeFirst()
    return result.numUpdatedRows > 0n
  }
}

function build(row: Selectable<BuildsTable>): Build {
  return {
    id: row.id,
    appId: row.app_id,
    accountId: row.account_id,
    status: row.status as BuildStatus,
    startedAt: row.started_at,
    source: JSON.parse(row.source) as BuildSource,
    version: row.version,
    versionDescription: row.version_description,
    buildpacks: JSON.parse(row.buildpacks) as BuildpackRef[],
    artifactId: row.artifact_id,
    releaseId: row.release_id,
    reason: row.reason,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
