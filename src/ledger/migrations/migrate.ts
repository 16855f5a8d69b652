import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { ledger } from './0001-ledger.ts'
import { crashes } from './0002-crashes.ts'
import { addons } from './0003-addons.ts'
import { retention } from './0004-retention.ts'
import { uploads } from './0005-uploads.ts'
import type { DialectSql } from './dialect-sql.ts'

const MIGRATIONS: readonly ((sql: DialectSql) => string[])[] = [ledger, crashes, addons, retention, uploads]

/**
 * Brings the database up to this program's schema, in one transaction. Several processes may do so at once: one does
 * the work and the others find it done. Throws a sentence when the database was written by a newer program.
 */
export async function migrate(db: Kysely<Schema>, dialect: DialectSql): Promise<void> {
  await db.transaction().execute(async tx => {
    await sql.raw(dialect.migrateAlone).execute(tx)
    await sql`create table if not exists schema_migrations (number integer primary key, applied_at bigint not null)`.execute(
      tx,
    )
    const found = await newest(tx)
    if (found > MIGRATIONS.length) {
      throw new Error(
        `The database has schema ${found}, and this version of Tidemark knows schemas up to ${MIGRATIONS.length}. Start the newer version, or restore a backup made before it was first started.`,
      )
    }
    for (let number = found + 1; number <= MIGRATIONS.length; number++) await apply(tx, dialect, number)
  })
}

async function newest(tx: Transaction<Schema>): Promise<number> {
  const { rows } = await sql<{
    number: number | null
  }>`select max(number) as number from schema_migrations`.execute(tx)
  return rows[0]?.number ?? 0
}

async function apply(tx: Transaction<Schema>, dialect: DialectSql, number: number): Promise<void> {
  for (const statement of MIGRATIONS[number - 1]?.(dialect) ?? []) await sql.raw(statement).execute(tx)
  await sql`insert into schema_migrations (number, applied_at) values (${number}, ${Date.now()})`.execute(tx)
}
