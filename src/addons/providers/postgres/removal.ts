import { look } from './catalog.ts'
import { loginName, type Names } from './names.ts'
import type { Session } from './session.ts'

/** Takes away whatever there is of an add-on, also of one that was never finished. */
export async function remove(session: Session, names: Names): Promise<void> {
  const { generations, hasOwner } = await look(session, names)
  const logins = generations.map(generation => loginName(names, generation))
  await session.together(logins.map(role => `alter role ${role} nologin`))
  for (const database of [names.database, names.draft])
    await session.work(`drop database if exists ${database} with (force)`)
  await session.together([...logins, ...(hasOwner ? [names.owner] : [])].map(role => `drop role ${role}`))
}
