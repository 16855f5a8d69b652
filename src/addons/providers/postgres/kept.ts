import type { Administration } from './administration.ts'
import { cutConnections, look, noteOf, noting } from './catalog.ts'
import { fillDraft } from './creation.ts'
import { retireLogins } from './logins.ts'
import { keptName, type Names } from './names.ts'
import type { Session } from './session.ts'

/** A database that was put aside, closed to everybody, in place of a dump. */
export interface KeptDatabase {
  name: string
  resourceId: string
  size: number
}

/** The kept database of a backup; undefined when there is none. */
export async function keptOf(session: Session, backupId: string): Promise<KeptDatabase | undefined> {
  const name = keptName(backupId)
  const found = await session.ask('select from pg_database where datname = $1', [name])
  if (found.length === 0) return undefined
  const [resourceId = '', size] = (await noteOf(session, name))?.split(' ') ?? []
  return { name, resourceId, size: Number(size) || 0 }
}

/**
 * Puts the database of an add-on aside. The role that owns what is in it goes with it under the same new name, so that
 * nothing in it has to be touched, and the add-on's own names are free.
 */
export async function keep(
  { administration, session, names }: { administration: Administration; session: Session; names: Names },
  backupId: string,
  signal: AbortSignal,
): Promise<void> {
  const { generations } = await look(session, names)
  await retireLogins({ administration, session, names }, generations, signal)
  await cutConnections(session, names.database)
  const name = keptName(backupId)
  const [row] = await session.ask<{ size: number }>('select pg_database_size($1)::float8 as size', [
    names.database,
  ])
  await session.together([
    `alter database ${names.database} rename to ${name}`,
    `alter database ${name} with allow_connections false connection limit 0`,
    // Who owns the database is another matter than who owns what is in it, and is reassigned with that.
    `alter database ${name} owner to current_user`,
    `alter role ${names.owner} rename to ${name}`,
    noting(name, `${names.id} ${row?.size ?? 0}`),
  ])
}

/** Makes the draft of a database as a copy of a kept one; all that is in it belongs to the add-on's owner then. */
export async function copyKept(
  { administration, session, names }: { administration: Administration; session: Session; names: Names },
  kept: KeptDatabase,
  signal: AbortSignal,
): Promise<void> {
  await fillDraft(session, { names, template: kept.name }, () =>
    administration.inside(names.draft, signal, async inside => {
      await inside.work(`reassign owned by ${kept.name} to ${names.owner}`)
      await inside.work(`drop owned by ${kept.name}`)
    }),
  )
}

/** Deletes a kept database and its role; what is not there is deleted already. */
export async function deleteKept(session: Session, backupId: string): Promise<void> {
  const name = keptName(backupId)
  await session.work(`drop database if exists ${name} with (force)`)
  await session.work(`drop role if exists ${name}`)
}
