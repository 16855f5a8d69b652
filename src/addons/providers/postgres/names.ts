import { ProviderRefusal } from '../../provider.ts'

const ID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/
const LOGIN = /^tm_[0-9a-f]{32}_(\d+)$/
const DATABASE = /^tm_[0-9a-f]{32}$/

/** What the database of one add-on and its roles are called on the server; no name needs quotes. */
export interface Names {
  /** The add-on's id. */
  id: string
  database: string
  /** What the database is called until everything is in it. */
  draft: string
  /** The role that owns everything; nobody logs in as it. */
  owner: string
}

/** From the add-on's id: its name may change. */
export function namesOf(id: string): Names {
  const name = `tm_${digits(id)}`
  return { id, database: name, draft: `${name}_new`, owner: name }
}

/** The role whose credentials are the `generation`th of an add-on. */
export function loginName({ owner }: Names, generation: number): string {
  return `${owner}_${generation}`
}

/** Which credentials a role is; undefined for a role that is no login of an add-on. */
export function generationOf(role: string): number | undefined {
  const [, generation] = LOGIN.exec(role) ?? []
  return generation === undefined ? undefined : Number(generation)
}

/** What a kept database and the role that owns what is in it are called. */
export function keptName(backupId: string): string {
  return `tm_backup_${digits(backupId)}`
}

/** The add-on whose database is called so. */
export function idOf(database: string): string | undefined {
  if (!DATABASE.test(database)) return undefined
  return database.slice(3).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function digits(id: string): string {
  if (!ID.test(id)) throw new ProviderRefusal(`${JSON.stringify(id)} is not the id of an add-on or a backup.`)
  return id.replaceAll('-', '')
}
