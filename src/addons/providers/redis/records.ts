import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isUuid } from '../../../core/id.ts'
import { writeDurably } from '../../../files/durable.ts'
import { unlessMissing } from '../../../files/missing.ts'

/** What is remembered of an add-on: everything else follows from it, and the key. */
export interface AddonRecord {
  id: string
  /** A server of its own, or a database of a server that it has with others. */
  kind: 'server' | 'database'
  /** Where: the server's port, or the database. The same for ever. */
  number: number
  /** The server a database is of, `host:port`. */
  address: string
  limits: Limits
  /** Credentials that hold, the newest last. */
  generations: readonly [number, ...number[]]
}

export interface Limits {
  megabytes: number
  connections: number
}

/** One file an add-on, replaced whole: a kill, or the loss of power, leaves the record before or the one after. */
export class Records {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async find(id: string): Promise<AddonRecord | undefined> {
    if (!isUuid(id)) throw new Error(`The id of an add-on is ${JSON.stringify(id)}; expected a UUID.`)
    const path = this.#path(id)
    const text = await unlessMissing(readFile(path, 'utf8'))
    return text === undefined ? undefined : parse(text, path)
  }

  async all(): Promise<AddonRecord[]> {
    const names = (await unlessMissing(readdir(this.#directory))) ?? []
    const ids = names.filter(name => name.endsWith('.json')).map(name => name.slice(0, -'.json'.length))
    const found = await Promise.all(ids.map(id => this.find(id)))
    return found.filter(record => record !== undefined)
  }

  async save(record: AddonRecord): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    await writeDurably(this.#path(record.id), `${JSON.stringify(record)}\n`)
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true })
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`)
  }
}

function parse(text: string, path: string): AddonRecord {
  try {
    const record = JSON.parse(text) as AddonRecord
    const numbers = [record.number, record.limits.megabytes, record.limits.connections, ...record.generations]
    if (numbers.length > 3 && numbers.every(Number.isSafeInteger)) return record
  } catch {
    // Said below.
  }
  throw new Error(`The record ${path} is damaged. Restore it from a backup.`)
}
