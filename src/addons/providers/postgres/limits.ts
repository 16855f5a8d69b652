import { cutConnections, noteOf } from './catalog.ts'
import type { PostgresPlan } from './plans.ts'
import type { Session } from './session.ts'

/** How much may be done in a database of its size: everything, reading, or nothing. */
export type Level = 'open' | 'read-only' | 'closed'

/** One login of an add-on, as it is limited now. */
interface SeenLogin {
  name: string
  connections: number
  isReadOnly: boolean
}

/** The limits of a database, as they are now. */
export interface SeenLimits {
  database: string
  size: number
  connections: number
  logins: SeenLogin[]
}

/** So far over its size a database takes no connections any more. */
const FAR_OVER = 1.25

/** What a database of `size` bytes may do where `allowed` are. */
export function levelOf(size: number, allowed: number): Level {
  if (size > allowed * FAR_OVER) return 'closed'
  return size > allowed ? 'read-only' : 'open'
}

/**
 * The statements after which a database is limited as its plan says; none when it is. Owners may change some limits of
 * their own, so each is looked at, not only whether the level is the right one.
 */
export function corrections(seen: SeenLimits, plan: PostgresPlan): string[] {
  const { database, logins } = seen
  const level = levelOf(seen.size, plan.size)
  const connections = level === 'closed' ? 0 : plan.connections
  const isReadOnly = level !== 'open'
  const statements: string[] = []
  if (seen.connections !== connections)
    statements.push(`alter database ${database} connection limit ${connections}`)
  for (const login of logins) {
    if (login.connections !== plan.connections)
      statements.push(`alter role ${login.name} connection limit ${plan.connections}`)
    if (login.isReadOnly === isReadOnly) continue
    const setting = isReadOnly
      ? 'set default_transaction_read_only = on'
      : 'reset default_transaction_read_only'
    statements.push(`alter role ${login.name} in database ${database} ${setting}`)
  }
  return statements
}

/** Makes the limits of a database those of `plan`. Connections made under another level are cut: they would keep it. */
export async function applyLimits(session: Session, database: string, plan: PostgresPlan): Promise<void> {
  const seen = await seeLimits(session, database)
  if (seen === undefined) return
  const statements = corrections(seen, plan)
  await session.together(statements)
  const isOtherLevel = levelNow(seen) !== levelOf(seen.size, plan.size)
  if (isOtherLevel) await cutConnections(session, database)
}

/** Whether a database is limited as `plan` says; one that is not there is. */
export async function areRight(session: Session, database: string, plan: PostgresPlan): Promise<boolean> {
  const seen = await seeLimits(session, database)
  return seen === undefined || corrections(seen, plan).length === 0
}

/** The plan that is written down for a database; undefined when it is none of `plans`, or nothing is there. */
export async function planOf(
  session: Session,
  owner: string,
  plans: readonly PostgresPlan[],
): Promise<PostgresPlan | undefined> {
  const note = await noteOf(session, owner)
  return plans.find(plan => plan.name === note)
}

/** How large a database is and how it is limited; undefined when there is none. */
export async function seeLimits(session: Session, database: string): Promise<SeenLimits | undefined> {
  const [seen] = await session.ask<SeenLimits>(
    `select d.datname as database, pg_database_size(d.oid)::float8 as size, d.datconnlimit as connections,
       coalesce(json_agg(json_build_object(
         'name', r.rolname,
         'connections', r.rolconnlimit,
         'isReadOnly', coalesce('default_transaction_read_only=on' = any (s.setconfig), false)
       ) order by r.rolname) filter (where r.rolname is not null), '[]') as logins
     from pg_database d
     left join pg_roles r on r.rolname ~ ('^' || d.datname || '_[0-9]+$')
     left join pg_db_role_setting s on s.setrole = r.oid and s.setdatabase = d.oid
     where d.datname = $1
     group by d.oid, d.datname, d.datconnlimit`,
    [database],
  )
  return seen
}

function levelNow({ connections, logins }: SeenLimits): Level {
  if (connections === 0) return 'closed'
  return logins.some(login => login.isReadOnly) ? 'read-only' : 'open'
}
