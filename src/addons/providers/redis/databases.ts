import { ProviderRefusal, ProviderUnavailable } from '../../provider.ts'
import { databaseRules } from './access.ts'
import type { Backing, Place } from './backing.ts'
import { addonOf, password, passwordRule, userName } from './credentials.ts'
import { type Link, openLink, RedisError } from './link.ts'
import {
  checkEntrance,
  keepUsers,
  listUsers,
  type NamedServer,
  removeUsers,
  usedDatabases,
} from './named-server.ts'
import type { AddonRecord } from './records.ts'
import { Turns } from './turns.ts'
import { Watch } from './watch.ts'

export interface DatabasesOptions {
  /** Null where no server is named (any more). */
  server: NamedServer | null
  key: Uint8Array
  trouble(error: Error): void
}

/**
 * A database of its own for each add-on, on a server that somebody else runs. Rules keep users apart. What the server has
 * only once is not kept apart: memory, connections, time, and database 0, where every connection begins.
 */
export class Databases implements Backing {
  readonly #options: DatabasesOptions
  readonly #turns = new Turns()
  /** Whose users the server has to have, also when it was restarted and forgot them. */
  readonly #held = new Map<string, AddonRecord>()
  #watch: Watch | undefined
  #over = new AbortController()
  #link: Link | undefined

  constructor(options: DatabasesOptions) {
    this.#options = options
  }

  get isNamed(): boolean {
    return this.#options.server !== null
  }

  async allot(taken: readonly AddonRecord[]): Promise<Place> {
    const { address } = this.#server()
    return this.#asking(async link => {
      const users = await listUsers(link)
      const used = await usedDatabases(link)
      checkEntrance(users, used)
      const count = Number(((await link.send('CONFIG', 'GET', 'databases')) as string[])[1])
      const owned = new Set([...taken.map(record => record.number), ...users.flatMap(user => user.databases)])
      for (let number = 1; number < count; number++) {
        if (!owned.has(number) && !used.has(number)) return { kind: 'database', number, address }
      }
      throw new ProviderRefusal(
        `All ${count} databases of the Redis server are in use. Destroy an add-on, or raise \`databases\` in the server's configuration.`,
      )
    })
  }

  async hold(record: AddonRecord): Promise<void> {
    this.#held.set(record.id, record)
    await this.#asking(async link => {
      await this.#converge(record, link)
      await keepUsers(link)
    })
  }

  async fits(): Promise<void> {
    // No plan limits anything here.
  }

  async discard(record: AddonRecord): Promise<void> {
    this.#held.delete(record.id)
    await this.#asking(async link => {
      const users = await listUsers(link)
      await removeUsers(
        link,
        users.filter(user => addonOf(user.name) === record.id),
      )
      const others = users.filter(user => addonOf(user.name) !== record.id)
      // Somebody else was let into this database: what is in it may be theirs.
      if (!others.some(user => user.databases.includes(record.number))) await this.#empty(record.number)
      await keepUsers(link)
    })
  }

  url(record: AddonRecord, user: string, secret: string): string {
    const { protocol } = this.#server()
    return `${protocol}://${user}:${secret}@${record.address}/${record.number}`
  }

  message(): string {
    return 'It is a database of a Redis server shared with others: the limits of its plan are not enforced, and a user may publish only to channels that begin with the id of the add-on and a colon.'
  }

  async resume(records: readonly AddonRecord[]): Promise<void> {
    this.#over = new AbortController()
    for (const record of records) this.#held.set(record.id, record)
    if (records.length > 0 && this.isNamed) await this.#restore().catch(() => this.#watching().lost())
  }

  /** The server is not ours to end. */
  async stop(): Promise<void> {
    this.release()
  }

  release(): void {
    this.#over.abort(new ProviderUnavailable('The platform is stopping.'))
    this.#watch?.close()
    this.#watch = undefined
    this.#link?.close()
    this.#link = undefined
  }

  async #restore(): Promise<void> {
    await this.#asking(async link => {
      for (const record of this.#held.values()) await this.#converge(record, link)
      await keepUsers(link)
    })
  }

  async #converge(record: AddonRecord, link: Link): Promise<void> {
    const { address } = this.#server()
    if (record.address !== address) {
      throw new ProviderUnavailable(
        `The add-on is kept by the Redis server ${record.address}; TIDEMARK_REDIS_ADMIN_URL names ${address}. Name the former again.`,
      )
    }
    const { id, number, generations } = record
    for (const each of generations) {
      const proof = passwordRule(password(this.#options.key, userName(id, each)))
      await link.send(
        'ACL',
        'SETUSER',
        userName(id, each),
        'reset',
        'on',
        proof,
        ...databaseRules(id, number),
      )
    }
    const wanted = generations.map(each => userName(id, each))
    const users = await listUsers(link)
    await removeUsers(
      link,
      users.filter(user => addonOf(user.name) === id && !wanted.includes(user.name)),
    )
  }

  /** On a connection of its own: all others stay where they are. */
  async #empty(database: number): Promise<void> {
    const link = await openLink({ ...this.#server().door, database }, this.#over.signal)
    try {
      await link.send('FLUSHDB', 'ASYNC')
    } finally {
      link.close()
    }
  }

  #asking<T>(ask: (link: Link) => Promise<T>): Promise<T> {
    return this.#turns.take('server', async () => {
      try {
        return await ask(await this.#connected())
      } catch (error) {
        throw unavailable(error as Error)
      }
    })
  }

  async #connected(): Promise<Link> {
    const { door } = this.#server()
    this.#over.signal.throwIfAborted()
    if (this.#link?.isOpen()) return this.#link
    const link = await openLink(door, this.#over.signal)
    this.#link = link
    void link.ended.then(() => {
      if (this.#link === link && !this.#over.signal.aborted) this.#watching().lost()
    })
    return link
  }

  #watching(): Watch {
    this.#watch ??= new Watch(() => this.#restore(), this.#options.trouble)
    return this.#watch
  }

  #server(): NamedServer {
    if (this.#options.server !== null) return this.#options.server
    throw new ProviderUnavailable(
      'The add-on is a database of a Redis server that is no longer named. Set TIDEMARK_REDIS_ADMIN_URL again.',
    )
  }
}

function unavailable(cause: Error): Error {
  if (cause instanceof ProviderRefusal || cause instanceof ProviderUnavailable) return cause
  return new ProviderUnavailable(
    cause instanceof RedisError
      ? `The Redis server that TIDEMARK_REDIS_ADMIN_URL names did not do what it was asked: ${cause.message}`
      : `The Redis server that TIDEMARK_REDIS_ADMIN_URL names cannot be reached: ${cause.message}`,
    { cause },
  )
}
