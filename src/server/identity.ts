import { createHash } from 'node:crypto'
import type { Identity } from '../sandbox/sandbox.ts'

/** User ids of apps are taken from here up, far from those of people and services. */
const FIRST = 700_000
const COUNT = 2 ** 24

/** The user an app's builds and dynos run as: one of its own, when the server is root; else the server's own. */
export function appIdentity(appId: string): Identity | null {
  return process.getuid?.() === 0 ? appUser(appId) : null
}

/** The user an app's containers run as, whoever the server is. */
export function appUser(appId: string): Identity {
  const id = FIRST + (createHash('sha256').update(appId).digest().readUInt32BE(0) % COUNT)
  return { uid: id, gid: id }
}
