import type pg from 'pg'
import { unlessAborted } from '../../../core/unless-aborted.ts'
import { within } from './within.ts'

/** One connection of the administrator's, while somebody has it. */
export interface Session {
  /** Asks something that is answered at once, or the server is not there. */
  ask<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** Does something that takes as long as there is data. */
  work(sql: string, values?: readonly unknown[]): Promise<void>
  /** All of the statements or none. */
  together(statements: readonly string[]): Promise<void>
}

/** A session over `client`; what it waits for ends with `signal`. */
export function sessionOf(client: pg.ClientBase, signal: AbortSignal, patience: number): Session {
  const ask = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const { rows } = await within(patience, signal, client.query<Row>(sql, [...values]))
    return rows
  }
  return {
    ask,
    work: async (sql, values = []) => void (await unlessAborted(client.query(sql, [...values]), signal)),
    together: async statements => {
      // Sent as one, they are one transaction by themselves: one way to the server and back, and one wait for its disk.
      if (statements.length > 0) await ask(statements.join(';\n'))
    },
  }
}
