import type pg from 'pg'
import { unlessAborted } from '../../../core/unless-aborted.ts'
import { ProviderUnavailable } from '../../provider.ts'
import type { Server } from './server.ts'
import type { ServerUrl } from './server-url.ts'
import { type Session, sessionOf } from './session.ts'
import { within } from './within.ts'

/** The oldest server with `drop database … with (force)`. */
const OLDEST = 13
const CONNECTIONS = 8
const IDLE = 10_000

/** The administrator's connections to a server; the first use of it imports the client and reaches the server. */
export class Administration {
  readonly #server: Server
  readonly #patience: number
  #pool: pg.Pool | undefined
  #isClosed = false

  /** `patience`: milliseconds until a server that does not answer counts as gone. */
  constructor(server: Server, patience: number) {
    this.#server = server
    this.#patience = patience
  }

  /** Where the server is, once it can be asked. */
  async reach(signal: AbortSignal): Promise<ServerUrl> {
    if (this.#isClosed) throw new ProviderUnavailable('The platform is ending; ask again when it is back.')
    return this.#server.reach(signal)
  }

  /** Lends a connection for the length of `use`. One that failed, or was cut short, is not used again. */
  async run<T>(signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> {
    const pool = await this.#connections(signal)
    const connecting = pool.connect()
    let client: pg.PoolClient
    try {
      client = await within(this.#patience, signal, connecting)
    } catch (error) {
      connecting.then(late => late.release(true)).catch(() => {})
      throw error
    }
    let hasFailed = true
    // Whoever waits for an answer is told; one that breaks while nobody does must not end the process.
    client.on('error', unminded)
    try {
      const session = sessionOf(client, signal, this.#patience)
      await checkVersion(session)
      const answer = await use(session)
      hasFailed = false
      return answer
    } finally {
      client.off('error', unminded)
      client.release(hasFailed)
    }
  }

  /** The same while nobody else, in this process or another, does anything about the add-on `id`. */
  async alone<T>(id: string, signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> {
    return this.run(signal, async session => {
      await session.work('select pg_advisory_lock(hashtextextended($1, 0))', [id])
      const answer = await use(session)
      await session.ask('select pg_advisory_unlock(hashtextextended($1, 0))', [id])
      return answer
    })
  }

  /** A connection of its own to another database. */
  async inside<T>(database: string, signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> {
    const url = await this.reach(signal)
    const { default: pg } = await import('pg')
    const client = new pg.Client({
      connectionString: url.withPassword(database),
      connectionTimeoutMillis: this.#patience,
    })
    client.on('error', unminded)
    try {
      await within(this.#patience, signal, client.connect())
      return await use(sessionOf(client, signal, this.#patience))
    } finally {
      // A server that hangs does not answer a goodbye either.
      const goodbye = client.end().catch(() => {})
      await unlessAborted(goodbye, AbortSignal.any([signal, AbortSignal.timeout(this.#patience)])).catch(
        () => {},
      )
    }
  }

  /** Ends the connections as soon as nobody has them; from now on there are no others. */
  close(): void {
    this.#isClosed = true
    this.#pool?.end().catch(() => {})
  }

  async #connections(signal: AbortSignal): Promise<pg.Pool> {
    const url = await this.reach(signal)
    if (this.#pool !== undefined) return this.#pool
    const { default: pg } = await import('pg')
    this.#pool ??= new pg.Pool({
      connectionString: url.withPassword(),
      max: CONNECTIONS,
      idleTimeoutMillis: IDLE,
      connectionTimeoutMillis: this.#patience,
      allowExitOnIdle: true,
      application_name: 'tidemark',
    })
    // A connection that breaks while idle is replaced at the next use; without a listener it would end the process.
    this.#pool.on('error', unminded)
    return this.#pool
  }
}

function unminded(): void {}

async function checkVersion(session: Session): Promise<void> {
  const [row] = await session.ask<{ version: number }>(
    "select current_setting('server_version_num')::int / 10000 as version",
  )
  if ((row?.version ?? 0) >= OLDEST) return
  throw new ProviderUnavailable(
    `The PostgreSQL server for add-ons is version ${row?.version}; expected ${OLDEST} or newer. Upgrade it, or name another one.`,
  )
}
