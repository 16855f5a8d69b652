import type { BuildpackRef } from '../core/build.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** The buildpacks an app is built with, in order; none until they are chosen or detected. */
export class BuildpackReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async list(appId: string): Promise<BuildpackRef[]> {
    const rows = await this.#context.db
      .selectFrom('buildpack_installations')
      .select(['url', 'name'])
      .where('app_id', '=', appId)
      .orderBy('ordinal')
      .execute()
    return rows.map(({ url, name }) => ({ url, name }))
  }
}

export class BuildpackWriter extends BuildpackReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  async replace(appId: string, buildpacks: readonly BuildpackRef[]): Promise<void> {
    await this.#context.db.deleteFrom('buildpack_installations').where('app_id', '=', appId).execute()
    if (buildpacks.length === 0) return
    await this.#context.db
      .insertInto('buildpack_installations')
      .values(buildpacks.map(({ url, name }, ordinal) => ({ app_id: appId, ordinal, url, name })))
      .execute()
  }
}
