import { createHash, randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { postgresDialect } from '../../src/ledger/dialects/postgres.ts'
import { sqliteDialect } from '../../src/ledger/dialects/sqlite.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { postgresSql, sqliteSql } from '../../src/ledger/migrations/dialect-sql.ts'
import { Seal } from '../../src/ledger/seal.ts'
import { withClient } from '../support/postgres.ts'

/** Where a ledger is kept: the path of an SQLite file, or a PostgreSQL URL. */
export type Place = string

/** A kind of ledger under test. `open` on the same place again stands for a restart of the server. */
export interface LedgerUnderTest {
  name: string
  /** An empty place, gone when the test file ends. */
  newPlace(): Promise<Place>
  /** Everything stored at a place, as bytes, the way somebody who took the disk would see it. */
  everything(place: Place): Promise<Buffer>
}

const KEY = createHash('sha256').update('the master key of the tests').digest()

/** A clock that never shows the same moment twice. */
function risingClock(): () => number {
  let now = Date.UTC(2026, 0, 1)
  return () => ++now
}

export async function openLedger(place: Place, key: Uint8Array = KEY): Promise<Ledger> {
  const shared = { seal: new Seal(key), clock: risingClock(), newId: randomUUID }
  if (isPostgres(place))
    return Ledger.open({ ...shared, dialect: await postgresDialect(place), sql: postgresSql })
  return Ledger.open({ ...shared, dialect: sqliteDialect(place), sql: sqliteSql })
}

/** Runs one statement past the ledger, as somebody with a database shell would. */
export async function raw(place: Place, statement: string): Promise<Record<string, unknown>[]> {
  if (isPostgres(place)) return withClient(place, async client => (await client.query(statement)).rows)
  const database = new DatabaseSync(place, { timeout: 5000 })
  try {
    return database.prepare(statement).all() as Record<string, unknown>[]
  } finally {
    database.close()
  }
}

function isPostgres(place: Place): boolean {
  return place.startsWith('postgres:')
}
