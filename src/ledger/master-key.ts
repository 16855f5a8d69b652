import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'
import type { Seal } from './seal.ts'

const CONTEXT = 'platform'
const TEXT = 'This was sealed when the ledger was made, and opens with the same master key.'

/** Throws a sentence unless `seal` has the key that this ledger was first opened with. */
export async function checkKey(db: Kysely<Schema>, seal: Seal): Promise<void> {
  await db
    .updateTable('platform')
    .set({ key_check: seal.seal(TEXT, CONTEXT) })
    .where('key_check', 'is', null)
    .execute()
  const { key_check } = await db.selectFrom('platform').select('key_check').executeTakeFirstOrThrow()
  try {
    seal.open(key_check ?? new Uint8Array(), CONTEXT)
  } catch (cause) {
    throw new Error(
      'The ledger cannot be opened: the master key is not the one it was made with. Start the server with the key file that belongs to this database; nothing was changed.',
      { cause },
    )
  }
}
