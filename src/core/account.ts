import type { Instant } from './time.ts'

/** A person, or a program with an address of its own. */
export interface Account {
  id: string
  email: string
  name: string | null
  /** The owner of the platform may manage accounts and sees every app. */
  isOwner: boolean
  disabledAt: Instant | null
  createdAt: Instant
  updatedAt: Instant
}

/** Who does something: what actions are given, and what `By` shows. */
export type Actor = Pick<Account, 'id' | 'email'>

/** An API token. The token itself is shown once; only its SHA-256 is kept. */
export interface Token {
  id: string
  accountId: string
  description: string
  expiresAt: Instant | null
  createdAt: Instant
  updatedAt: Instant
}

const EMAIL = /^[^\s@:]{1,64}@[^\s@:]{1,190}$/

export function isEmail(text: string): boolean {
  return EMAIL.test(text)
}

/** What someone may do with an app. A collaborator may do everything but destroy, rename, transfer and share it. */
export type Permission = 'view' | 'deploy' | 'operate' | 'share' | 'destroy'

export type Role = 'owner' | 'collaborator'

const ALLOWED: Record<Role, readonly Permission[]> = {
  owner: ['view', 'deploy', 'operate', 'share', 'destroy'],
  collaborator: ['view', 'deploy', 'operate'],
}

export function permits(role: Role, permission: Permission): boolean {
  return ALLOWED[role].includes(permission)
}
