import { CompiledQuery, type Kysely, type Transaction } from 'kysely'
import type { Schema } from './schema.ts'

type Work<T> = (db: Transaction<Schema>) => Promise<T>

/** How many transactions may share a commit: the last of them is not to keep the first waiting for long. */
const MOST = 32

const BEGIN = CompiledQuery.raw('savepoint member')
const TAKE_BACK = CompiledQuery.raw('rollback to member')
const END = CompiledQuery.raw('release member')

/**
 * Runs transactions one after another, and commits together those that came meanwhile: one wait for the disk for all of
 * them. Each is a savepoint, so that one that fails takes back only what it did itself. For a database with a single
 * connection, whose readers wait as well and never see what is not committed.
 */
export class SharedCommits {
  readonly #db: Kysely<Schema>
  readonly #waiting: Member[] = []
  #isRunning = false

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** Resolves once the work is committed. Rejects with what it throws, or with why it could not be committed. */
  run<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: T
      this.#waiting.push({
        work: async db => {
          result = await work(db)
        },
        committed: () => resolve(result),
        failed: reject,
      })
      if (!this.#isRunning) void this.#runAll()
    })
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      // A turn of the event loop, in which every request that is there already comes as far as this.
      await new Promise(resolve => setImmediate(resolve))
      const first = this.#waiting.shift()
      if (first) await this.#runFrom(first)
    }
    this.#isRunning = false
  }

  async #runFrom(first: Member): Promise<void> {
    const members = [first]
    const done: Member[] = []
    try {
      await this.#db.transaction().execute(async db => {
        // The list grows while it is walked: whoever comes now is in time.
        for (const member of members) {
          if (await hasDone(member, db)) done.push(member)
          const next = members.length < MOST ? this.#waiting.shift() : undefined
          if (next) members.push(next)
        }
      })
      for (const member of done) member.committed()
    } catch (error) {
      for (const member of members) member.failed(error)
    }
  }
}

/** One transaction among those of a commit. */
interface Member {
  work: Work<void>
  committed(): void
  failed(error: unknown): void
}

/** Whether a member's work is to be committed. Throws when the database has given up the whole transaction. */
async function hasDone(member: Member, db: Transaction<Schema>): Promise<boolean> {
  await db.executeQuery(BEGIN)
  try {
    await member.work(db)
    await db.executeQuery(END)
    return true
  } catch (error) {
    member.failed(error)
    try {
      await db.executeQuery(TAKE_BACK)
      await db.executeQuery(END)
      return false
    } catch {
      throw error
    }
  }
}
