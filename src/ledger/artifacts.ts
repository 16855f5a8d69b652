import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { Artifact } from '../core/artifact.ts'
import type { ProcessTypes } from '../core/procfile.ts'
import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { CURRENT, ONE, PENDING } from './literals.ts'
import type { ArtifactsTable, Schema } from './schema.ts'

/** So many digests are named in one statement. */
const DIGESTS = 1000

export interface UsedArtifact {
  id: string
  digest: string
  createdAt: Instant
  /** Null when no release ever used it. */
  newestReleaseId: string | null
}

export class ArtifactReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async byId(id: string): Promise<Artifact | undefined> {
    const row = await this.#context.db
      .selectFrom('artifacts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && artifact(row)
  }

  async byIds(ids: readonly string[]): Promise<Artifact[]> {
    if (ids.length === 0) return []
    const rows = await this.#context.db.selectFrom('artifacts').selectAll().where('id', 'in', ids).execute()
    return rows.map(artifact)
  }

  async ofApp(appId: string): Promise<Artifact[]> {
    const rows = await this.#context.db
      .selectFrom('artifacts')
      .selectAll()
      .where('app_id', '=', appId)
      .execute()
    return rows.map(artifact)
  }

  /** Digests of what runs or is about to: of current and pending releases, and of every dyno there is. */
  async digestsInUse(): Promise<string[]> {
    const { db } = this.#context
    const used = db.selectFrom('releases').select('artifact_id')
    const rows = await db
      .selectFrom('artifacts')
      .select('digest')
      .distinct()
      .where(
        'id',
        'in',
        used
          .where('status', '=', PENDING)
          .union(used.where('current', '=', CURRENT))
          .union(used.where('id', 'in', db.selectFrom('dynos').select('release_id'))),
      )
      .execute()
    return rows.map(row => row.digest)
  }

  /**
   * Artifacts of an app that are there, with the newest release that uses each, by their ids: so that an app with many is
   * looked at part by part.
   */
  async alive(appId: string, page: { after: string; limit: number }): Promise<UsedArtifact[]> {
    const rows = await this.#context.db
      .selectFrom('artifacts')
      .select(artifacts => [
        ...(['id', 'digest', 'created_at'] as const),
        artifacts
          .selectFrom('releases')
          .select('releases.id')
          .whereRef('releases.artifact_id', '=', 'artifacts.id')
          .orderBy('version', 'desc')
          .limit(ONE)
          .as('release_id'),
      ])
      .where('app_id', '=', appId)
      .where('deleted_at', 'is', null)
      .where('id', '>', page.after)
      .orderBy('id')
      .limit(page.limit)
      .execute()
    return rows.map(row => ({
      id: row.id,
      digest: row.digest,
      createdAt: row.created_at,
      newestReleaseId: row.release_id,
    }))
  }

  /** Destroyed artifacts whose bytes may still be there, by their ids. */
  async toCollect(page: { after: string; limit: number }): Promise<{ id: string; digest: string }[]> {
    const rows = await this.#context.db
      .selectFrom('artifacts')
      .select(['id', 'digest'])
      .where('deleted_at', 'is not', null)
      .where('collected_at', 'is', null)
      .where('id', '>', page.after)
      .orderBy('id')
      .limit(page.limit)
      .execute()
    return rows.map(({ id, digest }) => ({ id, digest }))
  }

  /** Digests of all artifacts that are there. */
  async digestsAlive(): Promise<string[]> {
    const rows = await this.#context.db
      .selectFrom('artifacts')
      .select('digest')
      .distinct()
      .where('deleted_at', 'is', null)
      .execute()
    return rows.map(({ digest }) => digest)
  }

  /** Those of these digests that some artifact has which is there. */
  async aliveAmong(digests: readonly string[]): Promise<Set<string>> {
    return this.#among(digests, query => query)
  }

  /** Those of these digests that artifacts of other apps have, which are there. */
  async usedElsewhere(appId: string, digests: readonly string[]): Promise<Set<string>> {
    return this.#among(digests, query => query.where('app_id', '<>', appId))
  }

  /** Whether any artifact that is still there has these bytes. */
  async isDigestAlive(digest: string): Promise<boolean> {
    const row = await this.#context.db
      .selectFrom('artifacts')
      .select('id')
      .where('digest', '=', digest)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return row !== undefined
  }

  async #among(
    digests: readonly string[],
    narrow: (query: DigestQuery) => DigestQuery,
  ): Promise<Set<string>> {
    const found = new Set<string>()
    for (let from = 0; from < digests.length; from += DIGESTS) {
      const query = this.#context.db
        .selectFrom('artifacts')
        .select('digest')
        .where('digest', 'in', digests.slice(from, from + DIGESTS))
        .where('deleted_at', 'is', null)
      for (const { digest } of await narrow(query).execute()) found.add(digest)
    }
    return found
  }
}

type DigestQuery = SelectQueryBuilder<Schema, 'artifacts', { digest: string }>

export class ArtifactWriter extends ArtifactReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  /** `id` is that of the upload it came in by; else it is a new one. */
  async insert(draft: Omit<Artifact, 'id' | 'createdAt' | 'deletedAt'> & { id?: string }): Promise<Artifact> {
    const row = await this.#context.db
      .insertInto('artifacts')
      .values({
        id: draft.id ?? this.#context.newId(),
        app_id: draft.appId,
        kind: draft.kind,
        digest: draft.digest,
        size: draft.size,
        commit_hash: draft.commit,
        commit_description: draft.commitDescription,
        process_types: JSON.stringify(draft.processTypes),
        stack: draft.stack,
        buildpack_description: draft.buildpackDescription,
        created_at: this.#context.now,
        deleted_at: null,
        collected_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return artifact(row)
  }

  /** Marks artifacts as destroyed; their bytes go afterwards. */
  async markDeleted(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#context.db
      .updateTable('artifacts')
      .set({ deleted_at: this.#context.now })
      .where('id', 'in', ids)
      .where('deleted_at', 'is', null)
      .execute()
  }

  /** Notes that there is nothing left to delete of these: their bytes are gone, or belong to others. */
  async markCollected(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#context.db
      .updateTable('artifacts')
      .set({ collected_at: this.#context.now })
      .where('id', 'in', ids)
      .execute()
  }

  /** Marks every artifact of a destroyed app; its bytes go afterwards. Returns the digests marked. */
  async markAppDeleted(appId: string): Promise<string[]> {
    const rows = await this.#context.db
      .updateTable('artifacts')
      .set({ deleted_at: this.#context.now })
      .where('app_id', '=', appId)
      .where('deleted_at', 'is', null)
      .returning('digest')
      .execute()
    return rows.map(row => row.digest)
  }
}

function artifact(row: Selectable<ArtifactsTable>): Artifact {
  return {
    id: row.id,
    appId: row.app_id,
    kind: row.kind as Artifact['kind'],
    digest: row.digest,
    size: row.size,
    commit: row.commit_hash,
    commitDescription: row.commit_description,
    processTypes: JSON.parse(row.process_types) as ProcessTypes,
    stack: row.stack,
    buildpackDescription: row.buildpack_description,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
  }
}
