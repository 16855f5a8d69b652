import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'

const VERSION = 1
const IV_BYTES = 12
const TAG_BYTES = 16

/** Encrypts what must not be readable in the database file: AES-256-GCM, bound to the row it belongs to. */
export class Seal {
  readonly #key: KeyObject

  /** `key` is 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new Error(`The master key must be 32 bytes, not ${key.length}.`)
    this.#key = createSecretKey(key)
  }

  /** `context` names the row; what was sealed for one row does not open for another. */
  seal(text: string, context: string): Uint8Array {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(context))
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), body])
  }

  /** Throws when the bytes were changed, belong to another row, or were sealed under another key. */
  open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
    if (bytes[0] !== VERSION) throw new Error(`Sealed value of ${context} has unknown format ${bytes[0]}.`)
    const iv = bytes.subarray(1, 1 + IV_BYTES)
    const tag = bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', this.#key, iv)
      .setAAD(Buffer.from(context))
      .setAuthTag(tag)
    try {
      return Buffer.concat([
        decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString('utf8')
    } catch (cause) {
      throw new Error(
        `The config of ${context} cannot be decrypted: the master key is not the one it was sealed with, or the row was changed.`,
        { cause },
      )
    }
  }
}
