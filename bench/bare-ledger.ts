import { randomBytes, randomUUID } from 'node:crypto'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** Bytes of a sealed config snapshot with one var, and of a sealed answer. */
const SNAPSHOT_BYTES = 45
const ANSWER_BYTES = 60

/**
 * A copy of a ledger with its indexes and rules, to which the rows of a config change are added by prepared statements
 * in one durable transaction, and nothing else is done: no question asked, nothing encrypted, nobody answered.
 */
export class BareLedger {
  readonly #database: DatabaseSync
  readonly #apps: readonly { id: string; owner: string }[]
  readonly #statements: readonly ((row: Row) => void)[]
  #count = 0

  private constructor(database: DatabaseSync) {
    this.#database = database
    this.#apps = database.prepare('select id, owner_id as owner from apps').all() as {
      id: string
      owner: string
    }[]
    this.#statements = prepare(sql => database.prepare(sql))
  }

  static async copy(from: string, to: string): Promise<BareLedger> {
    const original = new DatabaseSync(from, { readOnly: true })
    original.prepare('vacuum into ?').run(to)
    original.close()
    const database = new DatabaseSync(to)
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    return new BareLedger(database)
  }

  change(): void {
    const app = this.#apps[this.#count % this.#apps.length] as { id: string; owner: string }
    const version = 2 + Math.floor(this.#count++ / this.#apps.length)
    const row = { app, version, release: randomUUID(), config: randomUUID(), now: Date.now() }
    this.#database.exec('begin immediate')
    for (const run of this.#statements) run(row)
    this.#database.exec('commit')
  }

  close(): void {
    this.#database.close()
  }
}

interface Row {
  app: { id: string; owner: string }
  version: number
  release: string
  config: string
  now: number
}

/** The rows that a config change leaves: snapshot, release, app, two events, and the answer that is kept. */
function prepare(sql: (text: string) => StatementSync): ((row: Row) => void)[] {
  const app = sql(
    'update apps set revision = revision + 1, last_version = ?, released_at = ?, updated_at = ? where id = ?',
  )
  const config = sql('insert into config_snapshots (id, app_id, sealed, created_at) values (?, ?, ?, ?)')
  const before = sql('update releases set current = 0 where app_id = ? and current = 1')
  const release =
    sql(`insert into releases (id, app_id, version, kind, description, config_id, addon_plan_names, status,
    current, turn_at, succeeded_at, account_id, request_id, created_at, updated_at)
    values (?, ?, ?, 'config', 'Config add COUNT', ?, '[]', 'succeeded', 1, ?, ?, ?, ?, ?, ?)`)
  const event = sql('insert into events (app_id, kind, data, at) values (?, ?, ?, ?)')
  const answer =
    sql(`insert into answers (account_id, request_id, fingerprint, status, headers, body, created_at)
    values (?, ?, ?, 200, '{}', ?, ?)`)
  const told = JSON.stringify({
    version: 1,
    description: 'Config add COUNT',
    user: 'caller-1@example.com',
    hasCode: false,
  })
  return [
    row => app.run(row.version, row.now, row.now, row.app.id),
    row => config.run(row.config, row.app.id, randomBytes(SNAPSHOT_BYTES), row.now),
    row => before.run(row.app.id),
    ({ release: id, app: { id: appId, owner }, version, config: configId, now }) =>
      release.run(id, appId, version, configId, now, now, owner, id, now, now),
    row => event.run(row.app.id, 'release:create', told, row.now),
    row => event.run(row.app.id, 'release:update', told, row.now),
    row => answer.run(row.app.owner, row.release, row.config, randomBytes(ANSWER_BYTES), row.now),
  ]
}
