import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ObservedDyno } from '../driver.ts'

/** What a driver writes down of its dynos: one file each, replaced whole, so that a kill leaves the one before or the one after. */
export class DynoFiles<R extends { dyno: ObservedDyno }> {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }

  save(record: R): void {
    const path = this.#path(record.dyno.id)
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  remove(id: string): void {
    rmSync(this.#path(id), { force: true })
  }

  /** All records; one that cannot be read was cut short by a power failure, which its dyno did not survive either. */
  load(): R[] {
    return readdirSync(this.#directory).flatMap(name => {
      const record = name.endsWith('.json') ? this.#read(name) : undefined
      if (record === undefined) rmSync(join(this.#directory, name), { force: true })
      return record ?? []
    })
  }

  #read(name: string): R | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#directory, name), 'utf8')) as R
    } catch {
      return undefined
    }
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`)
  }
}
