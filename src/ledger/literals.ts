import { sql } from 'kysely'

// Written into the statement, never bound: a small index of the current or the pending rows alone, or a limit, then
// counts when the statement is planned. Bound, SQLite plans it anew at every execution, which takes five times as long
// as running it, and PostgreSQL in the end plans without the index and reads an app's whole history.

export const CURRENT = sql.lit(1)
export const PENDING = sql.lit('pending' as const)
export const CRASH = sql.lit('dyno:crash' as const)
export const ONE = sql.lit(1)
