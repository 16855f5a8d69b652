import type { Kysely } from 'kysely'
import type { NewId } from '../core/id.ts'
import type { Instant } from '../core/time.ts'
import type { Schema } from './schema.ts'
import type { Seal } from './seal.ts'

/** What every reader needs. */
export interface ReadContext {
  db: Kysely<Schema>
  seal: Seal
}

/** What every writer needs, for the length of one transaction. */
export interface WriteContext extends ReadContext {
  /** The moment of the transaction: everything in it happened at once. */
  now: Instant
  newId: NewId
}

export const bit = (flag: boolean): number => (flag ? 1 : 0)
