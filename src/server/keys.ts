import { hkdfSync, randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'

const KEY = /^[0-9a-f]{64}\s*$/

/** The 32-byte key in `file`, made at the first start and readable by the server's user only. Throws when it is damaged. */
export async function keyFile(file: string): Promise<Uint8Array> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
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
  await writePrivate(file, `${key.toString('hex')}\n`)
  return key
}

/** Writes a file that only its owner may read, whole or not at all, and for good. */
export async function writePrivate(file: string, text: string): Promise<void> {
  const draft = `${file}.new`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
}
