import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Dialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'

/**
 * Kysely's SQLite dialect over Node's own SQLite. WAL with `synchronous = full`: what was committed survives a power
 * loss. Throws a sentence when the file cannot be used.
 */
export function sqliteDialect(path: string): Dialect {
  return new SqliteDialect({ database: async () => new Connection(open(path)) })
}

function open(path: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    // Made here so that only the server's user can read it; SQLite gives its other files the same mode.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600))
    database = new DatabaseSync(path, { timeout: 5000 })
    database.exec('pragma journal_mode = wal')
    database.exec('pragma synchronous = full')
    database.exec('pragma foreign_keys = on')
    database.exec('pragma temp_store = memory')
    // Fails at once, and not at the first change, when the file cannot be written.
    database.exec(
      'begin immediate; create table if not exists writable_check (a); drop table writable_check; commit',
    )
    return database
  } catch (cause) {
    database?.close()
    throw new Error(`The ledger ${path} cannot be used: ${explain(cause)}`, { cause })
  }
}

function explain(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (/readonly|read-only|EACCES|EPERM/i.test(text))
    return 'it is read-only. Make the file and its directory writable for the user that runs the server.'
  if (/not a database|malformed|corrupt/i.test(text))
    return 'it is damaged or not an SQLite database. Restore it from a backup; nothing was changed.'
  if (/unable to open|ENOENT|ENOTDIR|EISDIR/i.test(text))
    return 'it cannot be opened. Check that its directory exists and may be read and written.'
  if (/disk.*full|full/i.test(text)) return 'the disk is full. Free some space and start again.'
  return `${text}.`
}

/** Statements are kept prepared: the ledger asks the same few dozen over and over. */
class Connection implements SqliteDatabase {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, SqliteStatement>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  prepare(sql: string): SqliteStatement {
    // On a full disk, say, SQLite ends the transaction by itself: the reason counts then, not that nothing is left to undo.
    if (sql === 'rollback' && !this.#database.isTransaction) return NOTHING
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = prepared(this.#database.prepare(sql))
      if (this.#statements.size > 500) this.#statements.clear()
      this.#statements.set(sql, statement)
    }
    return statement
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }
}

const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
}

function prepared(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as never[]
  return {
    reader: statement.columns().length > 0,
    all: parameters => statement.all(...values(parameters)),
    run: parameters => statement.run(...values(parameters)),
    iterate: parameters => statement.iterate(...values(parameters)) as IterableIterator<unknown>,
  }
}
