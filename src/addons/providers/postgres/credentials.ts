import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { loginName, type Names } from './names.ts'

const ITERATIONS = 4096

/** A role that logs in, and its password. */
export interface Credentials {
  role: string
  password: string
}

/**
 * The `generation`th credentials of an add-on. They follow from the key, so that they are kept nowhere and the same
 * question has the same answer after any crash.
 */
export function credentialsOf(key: Uint8Array, names: Names, generation: number): Credentials {
  const role = loginName(names, generation)
  return { role, password: derive(key, `password ${names.id} ${generation}`).toString('base64url') }
}

/**
 * What the server keeps instead of the password (RFC 5803). It is made here, so that no password is in a statement,
 * which a server may log.
 */
export function verifierOf(key: Uint8Array, { role, password }: Credentials): string {
  const salt = derive(key, `salt ${role}`).subarray(0, 16)
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256')
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  const serverKey = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

function derive(key: Uint8Array, purpose: string): Buffer {
  return hmac(key, `postgresql ${purpose}`)
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
