import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ObservedDyno } from '../../../driver.ts'
import type { ProcessIdentity } from './processes.ts'

/** What outlives the host: which dynos ever ran, and by which process. No variable of a dyno is ever in it. */
export interface DynoRecord {
  dyno: ObservedDyno
  /** null until it was launched, and again once it has exited. */
  process: ProcessIdentity | null
}

/** One file a dyno, replaced whole: a kill leaves the record before or the one after. */
export class Records {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }

  save(record: DynoRecord): void {
    const path = this.#path(record.dyno.id)
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  remove(id: string): void {
    rmSync(this.#path(id), { force: true })
  }

  /** All records; one that cannot be read was cut short by a power failure, which its dyno did not survive either. */
  load(): DynoRecord[] {
    const records: DynoRecord[] = []
    for (const name of readdirSync(this.#directory)) {
      const record = name.endsWith('.json') ? readRecord(join(this.#directory, name)) : undefined
      if (record === undefined) rmSync(join(this.#directory, name), { force: true })
      else records.push(record)
    }
    return records
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`)
  }
}

function readRecord(path: string): DynoRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DynoRecord
  } catch {
    return undefined
  }
}
