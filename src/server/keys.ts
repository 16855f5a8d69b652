import { hkdfSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeDurably } from '../files/durable.ts'
import { unlessMissing } from '../files/missing.ts'

const KEY = /^[0-9a-f]{64}\s*$/

/** The 32-byte key in `file`, made at the first start and readable by the server's user only. Throws when it is damaged. */
export async function keyFile(file: string): Promise<Uint8Array> {
  const text = await unlessMissing(readFile(file, 'utf8'))
  if (text === undefined) return makeKey(file)
  if (!KEY.test(text))
    throw new Error(`The key file ${file} is damaged: expected 64 hex digits. Restore it from a backup.`)
  return Buffer.from(text.trim(), 'hex')
}

/** Another key for another purpose, from which the first cannot be learnt. */
export function derivedKey(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', `tidemark ${purpose}`, 32))
}

async function makeKey(file: string): Promise<Uint8Array> {
  const key = randomBytes(32)
  await writeDurably(file, `${key.toString('hex')}\n`)
  return key
}
