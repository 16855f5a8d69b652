import { generationOf, idOf, type Names } from './names.ts'
import type { Session } from './session.ts'

/** What the server has of one add-on. All there is to know is in its catalog; nothing is kept elsewhere. */
export interface Found {
  hasDatabase: boolean
  /** A database that was not finished. */
  hasDraft: boolean
  hasOwner: boolean
  /** The generations of its credentials that hold, oldest first. */
  generations: number[]
}

/** Looks what there is of an add-on. */
export async function look(session: Session, names: Names): Promise<Found> {
  const found = await session.ask<{ kind: 'database' | 'role'; name: string }>(
    `select 'database' as kind, datname as name from pg_database where datname in ($1, $2)
     union all
     select 'role', rolname from pg_roles where starts_with(rolname, $3)`,
    [names.database, names.draft, names.owner],
  )
  const has = (kind: string, name: string) => found.some(one => one.kind === kind && one.name === name)
  return {
    hasDatabase: has('database', names.database),
    hasDraft: has('database', names.draft),
    hasOwner: has('role', names.owner),
    generations: found
      .flatMap(({ kind, name }) => (kind === 'role' ? (generationOf(name) ?? []) : []))
      .sort((a, b) => a - b),
  }
}

/** The ids of all add-ons that have a database on the server. */
export async function addonIds(session: Session): Promise<string[]> {
  const rows = await session.ask<{ name: string }>(
    "select datname as name from pg_database where datallowconn and starts_with(datname, 'tm_') order by datname",
  )
  return rows.flatMap(({ name }) => idOf(name) ?? [])
}

/** Ends every connection to a database. */
export async function cutConnections(session: Session, database: string): Promise<void> {
  await session.ask(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = $1 and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    [database],
  )
}

/** What was written down beside a role: the plan of an add-on, or what a kept database is of. */
export async function noteOf(session: Session, role: string): Promise<string | null> {
  const [row] = await session.ask<{ note: string | null }>(
    "select shobj_description(oid, 'pg_authid') as note from pg_roles where rolname = $1",
    [role],
  )
  return row?.note ?? null
}

/** The statement that writes it down. Only the administrator may; the owner of a database may change much of that. */
export function noting(role: string, note: string): string {
  return `comment on role ${role} is '${note.replaceAll("'", "''")}'`
}

/**
 * The statements that make a role which the administrator may act as: one that is no superuser has to be its member, and
 * a superuser is no worse for it.
 */
export function makingRole(role: string, attributes: string): string[] {
  return [`create role ${role} ${attributes}`, `grant ${role} to current_user`]
}
