import { type Backup, ProviderRefusal, ProviderUnavailable, type Resource } from '../../provider.ts'
import type { Administration } from './administration.ts'
import { look } from './catalog.ts'
import { type ClientPrograms, findClientPrograms, usualDirectories } from './client-programs.ts'
import { type Fill, fillDraft, makeDraft } from './creation.ts'
import { deleteDump, dumpAt, dumpPath, restoreDump, writeDump } from './dump.ts'
import { copyKept, deleteKept, keep, keptOf } from './kept.ts'
import { keptName, type Names, namesOf } from './names.ts'
import type { Session } from './session.ts'

export interface BackupOptions {
  /** Where dumps are. */
  directory: string
  /** Where `pg_dump` and `pg_restore` are looked for; undefined: in the usual places. */
  programs: readonly string[] | undefined
}

/** What is kept of databases: a dump where there is a `pg_dump` for the server, else the database itself, put aside. */
export class Backups {
  readonly #administration: Administration
  readonly #options: BackupOptions

  constructor(administration: Administration, options: BackupOptions) {
    this.#administration = administration
    this.#options = options
  }

  /** Keeps what is in an add-on; null when there is no database. */
  async keep(
    session: Session,
    { resource, id }: { resource: Resource; id: string },
    signal: AbortSignal,
  ): Promise<Backup | null> {
    const before = await this.#find(session, resource, id)
    if (before !== undefined) return before
    const names = namesOf(resource.id)
    if (!(await look(session, names)).hasDatabase) return null
    const programs = await this.#programs(session)
    const administration = this.#administration
    if (programs === undefined) await keep({ administration, session, names }, id, signal)
    else {
      const url = await administration.reach(signal)
      await writeDump(this.#path(id), { programs, url, database: names.database }, signal)
    }
    return (await this.#find(session, resource, id)) ?? null
  }

  /** What puts a backup into a new database; none begins empty. Throws a refusal when the backup is not there. */
  async filling(
    session: Session,
    { names, from }: { names: Names; from: Backup | null },
    signal: AbortSignal,
  ): Promise<Fill> {
    const administration = this.#administration
    if (from === null) return session => makeDraft(session, { names, template: 'template0' })
    const dump = await dumpAt(this.#path(from.id))
    if (dump !== undefined) {
      const programs = await this.#programs(session)
      if (programs === undefined) throw new ProviderUnavailable(NO_PROGRAMS)
      return session =>
        fillDraft(session, { names, template: 'template0' }, async () =>
          restoreDump(dump.path, { programs, url: await administration.reach(signal), names }, signal),
        )
    }
    const kept = await keptOf(session, from.id)
    if (kept === undefined) throw new ProviderRefusal(`The backup ${from.id} is not there any more.`)
    return session => copyKept({ administration, session, names }, kept, signal)
  }

  async delete(backup: Backup, signal: AbortSignal): Promise<void> {
    await deleteDump(this.#path(backup.id))
    // A dump is a path; for a kept database the server has to be asked.
    if (backup.place !== keptName(backup.id)) return
    await this.#administration.run(signal, session => deleteKept(session, backup.id))
  }

  async #find(session: Session, resource: Resource, id: string): Promise<Backup | undefined> {
    const backup = { id, resourceId: resource.id, service: resource.service }
    const dump = await dumpAt(this.#path(id))
    if (dump !== undefined) return { ...backup, place: dump.path, size: dump.size }
    const kept = await keptOf(session, id)
    if (kept?.resourceId !== resource.id) return undefined
    return { ...backup, place: kept.name, size: kept.size }
  }

  async #programs(session: Session): Promise<ClientPrograms | undefined> {
    const [row] = await session.ask<{ major: number }>(
      "select current_setting('server_version_num')::int / 10000 as major",
    )
    return findClientPrograms(this.#options.programs ?? (await usualDirectories()), row?.major ?? Infinity)
  }

  #path(id: string): string {
    // Only an id makes a name of a file; keptName refuses anything else.
    keptName(id)
    return dumpPath(this.#options.directory, id)
  }
}

const NO_PROGRAMS =
  'The backup is a dump, and no pg_restore of the version of the PostgreSQL server is there. Install the package postgresql-client of that version.'
