import type { Selectable } from 'kysely'
import type { Dyno, DynoKind, DynoState } from '../core/dyno.ts'
import { bit, type ReadContext, type WriteContext } from './context.ts'
import type { DynosTable } from './schema.ts'

/** A dyno that has a row of its own before it runs: a one-off, or a release command. */
export interface OneOff extends Dyno {
  environment: Readonly<Record<string, string>>
  isStopAsked: boolean
}

export class DynoReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  /** Every dyno that has not ended, by type and number. */
  async list(appId: string): Promise<Dyno[]> {
    const rows = await this.#select(appId)
      .where('state', '!=', 'complete')
      .orderBy('dynos.type')
      .orderBy('dynos.number')
      .execute()
    return rows.map(dyno)
  }

  /** One-offs and release commands, ended ones included while their rows are kept. */
  async oneOffs(appId: string): Promise<OneOff[]> {
    const rows = await this.#select(appId).where('dynos.kind', '!=', 'formation').execute()
    return rows.map(row => ({
      ...dyno(row),
      isStopAsked: row.stop_asked === 1,
      environment: row.environment
        ? (JSON.parse(this.#context.seal.open(row.environment, `dyno ${row.id}`)) as Record<string, string>)
        : {},
    }))
  }

  /** Apps, destroyed ones aside, with rows of dynos: those that run, or did when last looked at. */
  async apps(): Promise<string[]> {
    const rows = await this.#context.db
      .selectFrom('dynos')
      .innerJoin('apps', 'apps.id', 'dynos.app_id')
      .select('app_id')
      .where('archived_at', 'is', null)
      .distinct()
      .execute()
    return rows.map(row => row.app_id)
  }

  #select(appId: string) {
    return this.#context.db
      .selectFrom('dynos')
      .innerJoin('releases', 'releases.id', 'dynos.release_id')
      .selectAll('dynos')
      .select('releases.version as release_version')
      .where('dynos.app_id', '=', appId)
  }
}

export class DynoWriter extends DynoReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async insert(
    draft: Pick<
      Dyno,
      'id' | 'appId' | 'releaseId' | 'kind' | 'type' | 'number' | 'name' | 'command' | 'size' | 'state'
    >,
    environment?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { now, seal } = this.#context
    await this.#context.db
      .insertInto('dynos')
      .values({
        id: draft.id,
        app_id: draft.appId,
        release_id: draft.releaseId,
        kind: draft.kind,
        type: draft.type,
        number: draft.number,
        name: draft.name,
        command: draft.command,
        size: draft.size,
        environment: environment ? seal.seal(JSON.stringify(environment), `dyno ${draft.id}`) : null,
        state: draft.state,
        exit_status: null,
        stop_asked: 0,
        created_at: now,
        updated_at: now,
      })
      .onConflict(conflict => conflict.column('id').doNothing())
      .execute()
  }

  async update(
    id: string,
    changes: { state?: DynoState; exitStatus?: number | null; isStopAsked?: boolean },
  ): Promise<void> {
    await this.#context.db
      .updateTable('dynos')
      .set({
        ...(changes.state !== undefined && { state: changes.state }),
        ...(changes.exitStatus !== undefined && { exit_status: changes.exitStatus }),
        ...(changes.isStopAsked !== undefined && { stop_asked: bit(changes.isStopAsked) }),
        updated_at: this.#context.now,
      })
      .where('id', '=', id)
      .execute()
  }

  /** Destroys what one-offs of a destroyed app were given. */
  async destroyEnvironments(appId: string): Promise<void> {
    await this.#context.db
      .updateTable('dynos')
      .set({ environment: null })
      .where('app_id', '=', appId)
      .execute()
  }

  async delete(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#context.db.deleteFrom('dynos').where('id', 'in', ids).execute()
  }
}

function dyno(row: Selectable<DynosTable> & { release_version: number }): Dyno {
  return {
    id: row.id,
    appId: row.app_id,
    releaseId: row.release_id,
    releaseVersion: row.release_version,
    kind: row.kind as DynoKind,
    type: row.type,
    number: row.number,
    name: row.name,
    command: row.command,
    size: row.size,
    state: row.state as DynoState,
    exitStatus: row.exit_status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
