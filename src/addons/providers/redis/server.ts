import type { ChildProcess } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { setTimeout as after } from 'node:timers/promises'
import type { Duration } from '../../../core/time.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import { ProviderUnavailable } from '../../provider.ts'
import { ADMIN, addonOf, password, userName } from './credentials.ts'
import { type Link, openLink, RedisError } from './link.ts'
import { isGone, signalProcess } from './processes.ts'
import type { AddonRecord } from './records.ts'
import { maxClients, serverConfig, userRules } from './server-config.ts'
import { ServerPlace } from './server-process.ts'
import { Turns } from './turns.ts'
import { Watch } from './watch.ts'

const START_LIMIT: Duration = 15_000
const PAUSE: Duration = 20
/** How long a server may take to end when it is asked to, and after each signal. */
const END_LIMIT: Duration = 3000
const SIGNAL_LIMIT: Duration = 1500

export interface ServerOptions {
  /** The directory of this add-on's server alone. */
  directory: string
  key: Uint8Array
  /** Rejects with why there is none. */
  program(): Promise<string>
  identity: Identity | null
  trouble(error: Error): void
}

/** One add-on's server: adopted where it runs, started where it does not, and again when it dies. */
export class AddonServer {
  readonly #options: ServerOptions
  readonly #place: ServerPlace
  readonly #turns = new Turns()
  readonly #watch: Watch
  readonly #over = new AbortController()
  #record: AddonRecord
  #link: Link | undefined

  constructor(record: AddonRecord, options: ServerOptions) {
    this.#record = record
    this.#options = options
    this.#place = new ServerPlace(options.directory)
    this.#watch = new Watch(() => this.#hold(), options.trouble)
  }

  /** Has it run and be as `record` says, from now on. */
  hold(record: AddonRecord): Promise<void> {
    this.#record = record
    return this.#hold()
  }

  /** Goes on trying, after a `hold` that failed. */
  retry(): void {
    this.#watch.lost()
  }

  /** Bytes that what is in it takes. */
  async usedMemory(): Promise<number> {
    return this.#turns.take('server', async () => {
      const link = await this.#connected()
      const found = /^used_memory:(\d+)/m.exec(String(await link.send('INFO', 'memory')))
      return Number(found?.[1] ?? 0)
    })
  }

  /** Ends it; what it keeps stays. */
  async stop(): Promise<void> {
    this.#letGo()
    await this.#turns.take('server', () => this.#end())
    this.#link?.close()
  }

  /** Ends it and deletes all there is of it. */
  async discard(): Promise<void> {
    await this.stop()
    await rm(this.#place.directory, { recursive: true, force: true })
  }

  /** Leaves it running, for the next control plane. */
  release(): void {
    this.#letGo()
    this.#link?.close()
  }

  #letGo(): void {
    this.#watch.close()
    this.#over.abort(new ProviderUnavailable('The platform is stopping, and its Redis servers with it.'))
  }

  #hold(): Promise<void> {
    return this.#turns.take('server', async () => {
      this.#over.signal.throwIfAborted()
      await this.#place.configure(serverConfig(this.#record, this.#options.key))
      await this.#converge(await this.#connected())
    })
  }

  /** Whatever was changed while it ran, or was not, is so now. Users that no longer hold go with their connections. */
  async #converge(link: Link): Promise<void> {
    const { id, generations, limits } = this.#record
    await link.send('CONFIG', 'SET', 'maxmemory', `${limits.megabytes}mb`)
    await link.send('CONFIG', 'SET', 'maxclients', String(maxClients(this.#record)))
    for (const each of generations) {
      await link.send(
        'ACL',
        'SETUSER',
        userName(id, each),
        ...userRules(this.#record, each, this.#options.key),
      )
    }
    const wanted = generations.map(each => userName(id, each))
    const users = (await link.send('ACL', 'USERS')) as string[]
    const old = users.filter(user => addonOf(user) !== undefined && !wanted.includes(user))
    if (old.length > 0) await link.send('ACL', 'DELUSER', ...old)
  }

  async #connected(): Promise<Link> {
    if (this.#link?.isOpen()) return this.#link
    const limit = AbortSignal.any([this.#over.signal, AbortSignal.timeout(START_LIMIT)])
    let child: ChildProcess | undefined
    while (!limit.aborted) {
      const link = await this.#dial(this.#over.signal)
      if (link !== undefined) return this.#adopt(link)
      if (child !== undefined && child.exitCode !== null) throw ended(child.exitCode)
      if (child === undefined && (await this.#place.process()) === undefined) {
        child = await this.#place.start(await this.#options.program(), this.#options.identity)
      }
      await after(PAUSE, undefined, { signal: limit }).catch(() => {})
    }
    this.#over.signal.throwIfAborted()
    throw new ProviderUnavailable(
      `The Redis server was not ready within ${START_LIMIT / 1000} s. Ask again later.`,
    )
  }

  /** Undefined while it is not there, or not ready. */
  async #dial(signal: AbortSignal): Promise<Link | undefined> {
    const secret = password(this.#options.key, `${ADMIN} ${this.#record.id}`)
    let link: Link | undefined
    try {
      link = await this.#place.atSocket(path =>
        openLink({ socket: { path, tls: false }, username: ADMIN, password: secret }, signal),
      )
      await link.send('PING')
      return link
    } catch (error) {
      link?.close()
      if (isAbsent(error) || isLoading(error)) return undefined
      throw unreachable(error as Error)
    }
  }

  async #adopt(link: Link): Promise<Link> {
    this.#link = link
    void link.ended.then(() => {
      if (this.#link === link && !this.#over.signal.aborted) this.#watch.lost()
    })
    await this.#identify(link)
    return link
  }

  /** Whoever started it may have been killed before it wrote down which process it is. */
  async #identify(link: Link): Promise<void> {
    if ((await this.#place.process()) !== undefined) return
    const pid = /^process_id:(\d+)/m.exec(String(await link.send('INFO', 'server')))?.[1]
    if (pid !== undefined) await this.#place.remember(Number(pid))
  }

  /** In order if it listens to us; else by a signal to the very process that was started. */
  async #end(): Promise<void> {
    const link = await this.#lastLink()
    const process = await this.#place.process()
    if (process === undefined) return
    // The answer is the end of the connection. NOSAVE is about snapshots, which it makes none of.
    void link?.send('SHUTDOWN', 'NOSAVE').catch(() => {})
    if (link !== undefined && (await isGone(process, END_LIMIT))) return
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await signalProcess(process, signal)
      if (await isGone(process, SIGNAL_LIMIT)) return
    }
    throw new ProviderUnavailable('The Redis server did not end, even when it was killed. Ask again later.')
  }

  async #lastLink(): Promise<Link | undefined> {
    if (this.#link?.isOpen()) return this.#link
    try {
      this.#link = await this.#dial(AbortSignal.timeout(END_LIMIT))
      if (this.#link !== undefined) await this.#identify(this.#link)
      return this.#link
    } catch {
      return undefined
    }
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function isLoading(error: unknown): boolean {
  return error instanceof RedisError && error.message.startsWith('LOADING')
}

function ended(status: number): ProviderUnavailable {
  return new ProviderUnavailable(
    `The Redis server ended with status ${status} before it was ready. Its server.log in the platform's directory may say why; its port may be taken, or it is older than Redis 7.`,
  )
}

function unreachable(cause: Error): Error {
  if (cause instanceof ProviderUnavailable) return cause
  const isFull = cause instanceof RedisError && cause.message.includes('max number of clients')
  return new ProviderUnavailable(
    isFull
      ? 'All connections of the Redis server are in use, the one for the platform too. Close some and ask again.'
      : `The Redis server runs and does not answer as it should: ${cause.message}`,
    { cause },
  )
}
