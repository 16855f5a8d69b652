import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { Duration } from '../core/time.ts'
import type { RoutingTable } from './table.ts'
import { parseTable } from './table-parse.ts'

/** Changes within this time are written together. */
const SETTLE: Duration = 20

/** The last table on disk: what a router that was killed starts again with. */
export class Snapshot {
  readonly #path: string
  readonly #table: () => RoutingTable
  #written: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  /** `table` gives the table in force when it is about to be written. */
  constructor(path: string, table: () => RoutingTable) {
    this.#path = path
    this.#table = table
  }

  /** Resolves when the table as it is now, or a later one, is on disk; rejects when it could not be written. */
  save(): Promise<void> {
    this.#next ??= this.#writeSoon()
    return this.#next
  }

  async #writeSoon(): Promise<void> {
    const before = this.#written
    await new Promise(resolve => setTimeout(resolve, SETTLE))
    await before.catch(() => {})
    this.#next = undefined
    this.#written = this.#write()
    await this.#written
  }

  async #write(): Promise<void> {
    // Never in place: a kill in the middle would leave half a table.
    const next = `${this.#path}.next`
    await writeFile(next, JSON.stringify(this.#table()), { mode: 0o600 })
    await rename(next, this.#path)
  }
}

/** The table that was saved last, or an empty one: the control plane brings the true one anyway. */
export function readSnapshot(path: string): RoutingTable {
  try {
    return parseTable(JSON.parse(readFileSync(path, 'utf8'))) ?? { apps: [] }
  } catch {
    return { apps: [] }
  }
}
