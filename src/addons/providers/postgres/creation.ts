import { cutConnections, type Found, makingRole, noting } from './catalog.ts'
import { credentialsOf, verifierOf } from './credentials.ts'
import { loginName, type Names } from './names.ts'
import type { PostgresPlan } from './plans.ts'
import type { Session } from './session.ts'

/** Puts the draft of a database there, whatever is to be in it, with nobody connected to it. */
export type Fill = (session: Session) => Promise<void>

export interface Creation {
  names: Names
  plan: PostgresPlan
  key: Uint8Array
  /** What there is of the add-on. */
  found: Found
  fill: Fill
}

/**
 * Makes what is missing of an add-on, and answers the generation of its credentials. The database is a draft until
 * everything is in it: where it has its name, it is whole, shut to others, and as limited as `plan` says.
 */
export async function create(session: Session, creation: Creation): Promise<number> {
  const { found } = creation
  const generation = found.generations.at(-1) ?? 1
  await session.together(makingRoles(creation, generation))
  if (!found.hasDatabase) await makeDatabase(session, creation)
  return generation
}

function makingRoles({ names, plan, key, found }: Creation, generation: number): string[] {
  const isThere = found.generations.length > 0
  return [
    ...(found.hasOwner ? [] : makingRole(names.owner, 'nologin')),
    // The plan of one that is there already was changed by nobody but a change of plan.
    ...(found.hasDatabase ? [] : [noting(names.owner, plan.name)]),
    ...(isThere ? [renewingLogin({ key, names }, generation)] : makingLogin({ key, names }, generation)),
    ...(found.hasDatabase
      ? []
      : [`alter role ${loginName(names, generation)} connection limit ${plan.connections}`]),
  ]
}

/**
 * The statements that make the `generation`th login of an add-on. Whatever it makes belongs to the owner, which outlives
 * it.
 */
export function makingLogin({ key, names }: Pick<Creation, 'key' | 'names'>, generation: number): string[] {
  const credentials = credentialsOf(key, names, generation)
  const { role } = credentials
  return [
    ...makingRole(role, `login in role ${names.owner} password '${verifierOf(key, credentials)}'`),
    `alter role ${role} set role = '${names.owner}'`,
  ]
}

/** A role may change its own password; what the add-on's config says holds again. */
function renewingLogin({ key, names }: Pick<Creation, 'key' | 'names'>, generation: number): string {
  const credentials = credentialsOf(key, names, generation)
  return `alter role ${credentials.role} login password '${verifierOf(key, credentials)}'`
}

async function makeDatabase(session: Session, { names, plan, found, fill }: Creation): Promise<void> {
  const { draft, database } = names
  if (found.hasDraft) await session.work(`drop database ${draft} with (force)`)
  await fill(session)
  await session.together([
    ...opening(draft),
    `alter database ${draft} connection limit ${plan.connections}`,
    `alter database ${draft} rename to ${database}`,
  ])
}

/** A database nobody gets into yet, as a copy of `template`. */
interface Draft {
  names: Names
  template: string
}

/** Makes the draft. */
export async function makeDraft(session: Session, { names, template }: Draft): Promise<void> {
  await session.work(
    `create database ${names.draft} owner ${names.owner} template ${template} allow_connections false`,
  )
}

/** Makes the draft and has `fill` connect to it, to put something into it. */
export async function fillDraft(session: Session, draft: Draft, fill: () => Promise<void>): Promise<void> {
  await makeDraft(session, draft)
  await session.together(opening(draft.names.draft))
  await fill()
  await cutConnections(session, draft.names.draft)
}

/** The statements that let in whom it belongs to. Nobody gets in before everybody was shut out. */
function opening(database: string): string[] {
  return [
    `revoke all on database ${database} from public`,
    `alter database ${database} with allow_connections true`,
  ]
}
