import type { IsolationLevel } from 'kysely'

/** The few words in which the two databases' schemas differ. */
export interface DialectSql {
  /** Several processes may commit at once, so that event numbers need a lock to rise in commit order. */
  sharesEvents: boolean
  /** All transactions go one after another over one connection, and may share a commit. */
  sharesCommits: boolean
  /** The isolation level at which a transaction sees one moment throughout. */
  snapshotLevel: IsolationLevel
  /** A statement that lets one process at a time go on in its transaction, before there is any table. */
  migrateAlone: string
  bytes: string
  sequence: string
  /** Statements that refuse an update of any of `columns` of `table` when `condition` (over OLD and NEW) holds. */
  refuseUpdate(rule: {
    name: string
    table: string
    columns: readonly string[]
    when: string
    message: string
  }): string[]
  refuseDelete(rule: { name: string; table: string; message: string }): string[]
  /** Takes a rule back, for another to stand in its place. */
  dropRule(rule: { name: string; table: string }): string[]
}

export const sqliteSql: DialectSql = {
  sharesEvents: false,
  sharesCommits: true,
  // Writes "tide" into the file's header, which takes the lock of the whole file and tells what it is.
  migrateAlone: `pragma application_id = ${0x74696465}`,
  snapshotLevel: 'serializable',
  bytes: 'blob',
  sequence: 'integer primary key autoincrement',
  refuseUpdate: ({ name, table, columns, when, message }) => [
    `create trigger ${name} before update on ${table}
     when (${when}) and (${columns.map(column => `new.${column} is not old.${column}`).join(' or ')})
     begin select raise(abort, '${message}'); end`,
  ],
  refuseDelete: ({ name, table, message }) => [
    `create trigger ${name} before delete on ${table} begin select raise(abort, '${message}'); end`,
  ],
  dropRule: ({ name }) => [`drop trigger ${name}`],
}

export const postgresSql: DialectSql = {
  sharesEvents: true,
  sharesCommits: false,
  migrateAlone: 'select pg_advisory_xact_lock(7433000)',
  snapshotLevel: 'repeatable read',
  bytes: 'bytea',
  sequence: 'bigint generated always as identity primary key',
  refuseUpdate: ({ name, table, columns, when, message }) => [
    `create function ${name}() returns trigger language plpgsql as $$
     begin raise exception '${message}' using errcode = 'restrict_violation'; end $$`,
    `create trigger ${name} before update on ${table} for each row
     when ((${when}) and (${columns.map(column => `new.${column} is distinct from old.${column}`).join(' or ')}))
     execute function ${name}()`,
  ],
  refuseDelete: ({ name, table, message }) => [
    `create function ${name}() returns trigger language plpgsql as $$
     begin raise exception '${message}' using errcode = 'restrict_violation'; end $$`,
    `create trigger ${name} before delete on ${table} for each row execute function ${name}()`,
  ],
  dropRule: ({ name, table }) => [`drop trigger ${name} on ${table}`, `drop function ${name}()`],
}
