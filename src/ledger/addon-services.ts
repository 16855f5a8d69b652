import type { Selectable } from 'kysely'
import type { Instant } from '../core/time.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { AddonServicesTable } from './schema.ts'

/** Somebody's service, registered by its manifest. */
export interface RegisteredService {
  id: string
  name: string
  /** The manifest as it was registered, JSON; it holds passwords. */
  manifest: string
  /** SHA-256 of the secret with which the service exchanges its grants. */
  clientSecretHash: string
  createdAt: Instant
  updatedAt: Instant
}

export class AddonServiceReader {
  readonly #context: ReadContext

  constructor(context: ReadContext) {
    this.#context = context
  }

  async list(): Promise<RegisteredService[]> {
    const rows = await this.#context.db.selectFrom('addon_services').selectAll().orderBy('name').execute()
    return rows.map(row => this.#service(row))
  }

  async byName(name: string): Promise<RegisteredService | undefined> {
    const row = await this.#context.db
      .selectFrom('addon_services')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst()
    return row && this.#service(row)
  }

  #service(row: Selectable<AddonServicesTable>): RegisteredService {
    return {
      id: row.id,
      name: row.name,
      manifest: this.#context.seal.open(row.manifest, `add-on service ${row.name}`),
      clientSecretHash: row.client_secret_hash,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }
  }
}

export class AddonServiceWriter extends AddonServiceReader {
  readonly #context: WriteContext

  constructor(context: WriteContext) {
    super(context)
    this.#context = context
  }

  /** Registers a service, or takes another manifest for it; a new secret takes the place of the old one. */
  async save(draft: Pick<RegisteredService, 'name' | 'manifest' | 'clientSecretHash'>): Promise<void> {
    const { now, newId, seal } = this.#context
    const values = {
      manifest: seal.seal(draft.manifest, `add-on service ${draft.name}`),
      client_secret_hash: draft.clientSecretHash,
      updated_at: now,
    }
    await this.#context.db
      .insertInto('addon_services')
      .values({ id: newId(), name: draft.name, created_at: now, ...values })
      .onConflict(conflict => conflict.column('name').doUpdateSet(values))
      .execute()
  }

  async delete(name: string): Promise<void> {
    await this.#context.db.deleteFrom('addon_services').where('name', '=', name).execute()
  }
}
