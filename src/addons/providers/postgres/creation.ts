import { cutConnections, type Found, look, makingRole, noting } from './catalog.ts'
import { credentialsOf, verifierOf } from './credentials.ts'
import type { Names } from './names.ts'
import type { PostgresPlan } from './plans.ts'
import type { Session } from './session.ts'

/** Puts the draft of a database there, whatever is to be in it. */
export type Fill = (session: Session) => Promise<void>

export interface Creation {
  names: Names
  plan: PostgresPlan
  key: Uint8Array
  fill: Fill
}

/**
 * Makes what is missing of an add-on, and answers the generation of its credentials. The database is a draft until
 * everything is in it: where it has its name, it is whole.
 */
export async function create(session: Session, { names, plan, key, fill }: Creation): Promise<number> {
  const found = await look(session, names)
  if (!found.hasOwner) await session.together(makingRole(names.owner, 'nologin'))
  // The plan of one that is there already was changed by nobody but a change of plan.
  if (!found.hasDatabase) await session.ask(noting(names.owner, plan.name))
  const generation = found.generations.at(-1) ?? 1
  if (found.generations.length === 0) await makeLogin(session, { key, names }, generation)
  else await renewLogin(session, { key, names }, generation)
  if (!found.hasDatabase) await makeDatabase(session, { names, found, fill })
  return generation
}

/** Makes the `generation`th login of an add-on. Whatever it makes belongs to the owner, which outlives it. */
export async function makeLogin(
  session: Session,
  { key, names }: Pick<Creation, 'key' | 'names'>,
  generation: number,
): Promise<void> {
  const credentials = credentialsOf(key, names, generation)
  const { role } = credentials
  await session.together([
    ...makingRole(role, `login in role ${names.owner} password '${verifierOf(key, credentials)}'`),
    `alter role ${role} set role = '${names.owner}'`,
  ])
}

/** A role may change its own password; what the add-on's config says holds again. */
async function renewLogin(
  session: Session,
  { key, names }: Pick<Creation, 'key' | 'names'>,
  generation: number,
): Promise<void> {
  const credentials = credentialsOf(key, names, generation)
  await session.ask(`alter role ${credentials.role} login password '${verifierOf(key, credentials)}'`)
}

async function makeDatabase(
  session: Session,
  { names, found, fill }: { names: Names; found: Found; fill: Fill },
): Promise<void> {
  if (found.hasDraft) await session.work(`drop database ${names.draft} with (force)`)
  await fill(session)
  await cutConnections(session, names.draft)
  await session.work(`alter database ${names.draft} rename to ${names.database}`)
}

/** Makes the draft as a copy of `template`. Nobody gets in before everybody was shut out. */
export async function makeDraft(session: Session, names: Names, template: string): Promise<void> {
  const { draft, owner } = names
  await session.work(`create database ${draft} owner ${owner} template ${template} allow_connections false`)
  await session.together([
    `revoke all on database ${draft} from public`,
    `alter database ${draft} with allow_connections true`,
  ])
}
