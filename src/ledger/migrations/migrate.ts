import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import { ledger } from './0001-ledger.ts'
import type { DialectSql } from './dialect-sql.ts'

const MIGRATIONS: readonly ((sql: DialectSql) => string[])[] = [ledger]

/**
 * Brings the database up to this program's schema, each migration in a transaction of its own.
 * Throws a sentence when the database was written by a newer program.
 */
export async function migrate(db: Kysely<Schema>, dialect: DialectSql): Promise<void> {
  await sql`create table if not exists schema_migrations (number integer primary key, applied_at bigint not null)`.execute(db)
  const found = await newest(db)
  if (found > MIGRATIONS.length) {
    throw new Error(
      `The database has schema ${found}, and this version of Tidemark knows schemas up to ${MIGRATIONS.length}. Start the newer version, or restore a backup made before it was first started.`,
    )
  }
  for (let number = found + 1; number <= MIGRATIONS.length; number++) await apply(db, dialect, number)
}

async function newest(db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{ number: number | null }>`select max(number) as number from schema_migrations`.execute(db)
  return rows[0]?.number ?? 0
}

async function apply(db: Kysely<Schema>, dialect: DialectSql, number: number): Promise<void> {
  const statements = MIGRATIONS[number - 1]?.(dialect) ?? []
  await db.transaction().execute(async tx => {
    for (const statement of statements) await sql.raw(statement).execute(tx)
    await sql`insert into schema_migrations (number, applied_at) values (${number}, ${Date.now()})`.execute(tx)
  })
}
