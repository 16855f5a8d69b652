import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Instant } from '../../../core/time.ts'
import type { ObservedDyno } from '../../driver.ts'
import type { LogPlace } from './dyno-log.ts'

/** A line of the dyno manager's own that nobody has taken yet. */
export interface OwnLine {
  at: Instant
  text: string
  /** Comes after everything the dyno printed. */
  isEnding: boolean
  isLast: boolean
}

/** What the engine does not keep for us about a dyno. No variable of a dyno is ever in it. */
export interface DynoRecord {
  /** As it was last seen; the whole truth once it has exited. */
  dyno: ObservedDyno
  isUp: boolean
  /** When it is to be killed, once it was asked to stop. */
  killAt: Instant | null
  /** Seconds it was given. */
  graceSeconds: number
  /** How far its output was taken. */
  place: LogPlace
  own: readonly OwnLine[]
  /** The lines about its end are among `own`, or were taken. */
  hasSaidEnding: boolean
  /** Nobody wants to see it in a list any more; its last lines may still be on their way. */
  isForgotten: boolean
}

/** What is on record of a dyno that just begins. */
export function newFacts(dyno: ObservedDyno): Omit<DynoRecord, 'own' | 'place'> {
  const nothingYet = { isUp: false, killAt: null, graceSeconds: 0 }
  return { dyno, ...nothingYet, hasSaidEnding: false, isForgotten: false }
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

  /** All records; one that cannot be read was cut short by a power failure. */
  load(): DynoRecord[] {
    return readdirSync(this.#directory).flatMap(name => {
      const record = name.endsWith('.json') ? readRecord(join(this.#directory, name)) : undefined
      if (record === undefined) rmSync(join(this.#directory, name), { force: true })
      return record ?? []
    })
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
