import type { Selectable } from 'kysely'
import type { Artifact } from '../core/artifact.ts'
import type { ProcessTypes } from '../core/procfile.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { CURRENT, PENDING } from './literals.ts'
import type { ArtifactsTable } from './schema.ts'

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
}

export class ArtifactWriter extends ArtifactReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(draft: Omit<Artifact, 'id' | 'createdAt' | 'deletedAt'>): Promise<Artifact> {
    const row = await this.#context.db
      .insertInto('artifacts')
      .values({
        id: this.#context.newId(),
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
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return artifact(row)
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
