import { randomUUID } from 'node:crypto'
import { Ledger } from '../ledger/ledger.ts'
import { postgresSql, sqliteSql } from '../ledger/migrations/dialect-sql.ts'
import { Seal } from '../ledger/seal.ts'

/** Opens the ledger in PostgreSQL when a URL is given, else in the SQLite file. Throws a sentence when it cannot. */
export async function openLedger(options: {
  databaseUrl: string | null
  file: string
  key: Uint8Array
}): Promise<Ledger> {
  const common = { seal: new Seal(options.key), clock: Date.now, newId: randomUUID }
  if (options.databaseUrl === null) {
    const { sqliteDialect } = await import('../ledger/dialects/sqlite.ts')
    return Ledger.open({ ...common, dialect: sqliteDialect(options.file), sql: sqliteSql })
  }
  const { postgresDialect } = await import('../ledger/dialects/postgres.ts')
  return Ledger.open({ ...common, dialect: await postgresDialect(options.databaseUrl), sql: postgresSql })
}
