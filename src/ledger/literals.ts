import { sql } from 'kysely'

// Written into the statement, never bound: only then does a database know that its small index, of the current or the
// pending rows alone, will do. Bound, it reads an app's whole history.

export const CURRENT = sql.lit(1)
export const PENDING = sql.lit('pending' as const)
