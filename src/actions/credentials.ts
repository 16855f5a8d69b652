import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { invalid } from '../core/errors.ts'

const derive = promisify(scrypt) as (
  password: string,
  salt: Uint8Array,
  length: number,
  options: ScryptCost,
) => Promise<Buffer>

interface ScryptCost {
  N: number
  r: number
  p: number
  maxmem: number
}

/** The cost OWASP's password storage cheat sheet gives for scrypt (2^17, 8, 1 takes 128 MB; 2^15 with p=3 the same time in 32 MB). */
const COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }
const KEY_BYTES = 32
const MIN_PASSWORD = 8
const MAX_PASSWORD = 1024

/** A password as it is stored: `scrypt$<salt>$<key>`, base64. Throws when it is too short to protect anything. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < MIN_PASSWORD || password.length > MAX_PASSWORD) {
    throw invalid(`A password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters.`)
  }
  const salt = randomBytes(16)
  const key = await derive(password, salt, KEY_BYTES, COST)
  return `scrypt$${salt.toString('base64')}$${key.toString('base64')}`
}

/** Takes the same time whether the account has a password or not. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, salt = '', key = ''] = (stored ?? 'scrypt$AAAAAAAAAAAAAAAAAAAAAA==$').split('$')
  const expected = Buffer.from(key, 'base64')
  const found = await derive(password.slice(0, MAX_PASSWORD), Buffer.from(salt, 'base64'), KEY_BYTES, COST)
  return expected.length === found.length && timingSafeEqual(expected, found)
}

/** A new API token: 256 random bits, recognisable by its prefix. */
export function newToken(prefix = 'tmk_'): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`
}

/** What is kept of a token. It has enough randomness of its own, so one round of SHA-256 is right. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
