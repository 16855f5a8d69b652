import type { Administration } from './administration.ts'
import { loginName, type Names } from './names.ts'
import type { Session } from './session.ts'

/** Whose logins end, and over which connection. */
export interface Retirement {
  administration: Administration
  session: Session
  names: Names
}

/**
 * Takes logins away for good and ends their connections. What one of them owns after all, having laid the owner's role
 * down, becomes the owner's.
 */
export async function retireLogins(
  { administration, session, names }: Retirement,
  generations: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  if (generations.length === 0) return
  const roles = generations.map(generation => loginName(names, generation))
  // First nobody comes in any more, then whoever is in goes out.
  await session.together(roles.map(role => `alter role ${role} nologin`))
  await session.ask('select pg_terminate_backend(pid) from pg_stat_activity where usename = any ($1)', [
    roles,
  ])
  await administration.inside(names.database, signal, async inside => {
    await inside.work(`reassign owned by ${roles.join(', ')} to ${names.owner}`)
    await inside.work(`drop owned by ${roles.join(', ')}`)
  })
  await session.together(roles.map(role => `drop role ${role}`))
}
