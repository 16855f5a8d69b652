import type { ConfigVars } from '../core/config-vars.ts'
import type { ReadContext, WriteContext } from './context.ts'

/** Config snapshots: immutable, sealed, and shared by the releases between two changes of config. */
export class ConfigReader {
  readonly #context: ReadContext
  /** Which snapshot a set of vars came from, so that keeping it unchanged writes no new one. */
  protected readonly origins = new WeakMap<ConfigVars, string>()

  constructor(context: ReadContext) {
    this.#context = context
  }

  async load(id: string): Promise<ConfigVars> {
    const row = await this.#context.db
      .selectFrom('config_snapshots')
      .select('sealed')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (row.sealed === null) return {}
    const config = JSON.parse(this.#context.seal.open(row.sealed, `config ${id}`)) as ConfigVars
    this.origins.set(config, id)
    return config
  }
}

export class ConfigWriter extends ConfigReader {
  readonly #context: WriteContext
  /** Snapshots never change, so a transaction opens each only once. */
  readonly #opened = new Map<string, ConfigVars>()

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  override async load(id: string): Promise<ConfigVars> {
    const config = this.#opened.get(id) ?? (await super.load(id))
    this.#opened.set(id, config)
    return config
  }

  /** The id of the snapshot that holds `config`: the one it was loaded from, or a new one. */
  async save(appId: string, config: ConfigVars): Promise<string> {
    const origin = this.origins.get(config)
    if (origin !== undefined) return origin
    const id = this.#context.newId()
    const sealed = this.#context.seal.seal(JSON.stringify(config), `config ${id}`)
    await this.#context.db
      .insertInto('config_snapshots')
      .values({ id, app_id: appId, sealed, created_at: this.#context.now })
      .execute()
    this.origins.set(config, id)
    this.#opened.set(id, config)
    return id
  }

  /** Destroys the values of a destroyed app; its releases stay. */
  async destroy(appId: string): Promise<void> {
    await this.#context.db
      .updateTable('config_snapshots')
      .set({ sealed: null })
      .where('app_id', '=', appId)
      .execute()
  }
}
