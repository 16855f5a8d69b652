/** Who opens an add-on: a user for each generation of its credentials. The name says both, so that a server's own list does. */
import { createHash, createHmac } from 'node:crypto'

/** The user that is ours, on servers of our own. */
export const ADMIN = 'tidemark'

const NAME = /^tidemark-([0-9a-f-]{36})-(\d+)$/

export function userName(id: string, generation: number): string {
  return `${ADMIN}-${id}-${generation}`
}

/** The add-on whose user that is; undefined for somebody else's. */
export function addonOf(user: string): string | undefined {
  return NAME.exec(user)?.[1]
}

/** The same password each time it is asked for, kept nowhere: 256 bits, in characters that a URL takes. */
export function password(key: Uint8Array, user: string): string {
  return createHmac('sha256', key).update(`redis user ${user}`).digest('base64url')
}

/** How a server is told of a password that it shall not know: `#` and its SHA-256. */
export function passwordRule(secret: string): string {
  return `#${createHash('sha256').update(secret).digest('hex')}`
}
