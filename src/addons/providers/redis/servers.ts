import { join } from 'node:path'
import type { Identity } from '../../../sandbox/sandbox.ts'
import { ProviderRefusal, ProviderUnavailable } from '../../provider.ts'
import type { Backing, Place } from './backing.ts'
import { freePort } from './ports.ts'
import { findProgram } from './program.ts'
import type { AddonRecord, Limits } from './records.ts'
import { AddonServer } from './server.ts'

const MEGABYTE = 1024 * 1024

export interface ServersOptions {
  /** Each server has a directory in it. */
  directory: string
  key: Uint8Array
  /** Null looks for one in PATH. */
  program: string | null
  identity: Identity | null
  trouble(error: Error): void
}

/** A program of its own for each add-on, on this machine. */
export class Servers implements Backing {
  readonly #options: ServersOptions
  readonly #servers = new Map<string, AddonServer>()
  #isClosed = false

  constructor(options: ServersOptions) {
    this.#options = options
  }

  async program(): Promise<string | undefined> {
    return this.#options.program ?? (await findProgram(process.env.PATH ?? ''))
  }

  async allot(taken: readonly AddonRecord[]): Promise<Place> {
    const port = await freePort(new Set(taken.map(record => record.number)))
    if (port !== undefined) return { kind: 'server', number: port, address: '127.0.0.1' }
    throw new ProviderUnavailable(
      'All ports for Redis servers are taken. Destroy an add-on, or ask again later.',
    )
  }

  hold(record: AddonRecord): Promise<void> {
    return this.#server(record).hold(record)
  }

  async fits(record: AddonRecord, limits: Limits): Promise<void> {
    if (limits.megabytes >= record.limits.megabytes) return
    const used = await this.#server(record).usedMemory()
    if (used <= limits.megabytes * MEGABYTE) return
    throw new ProviderRefusal(
      `What is in it takes ${Math.ceil(used / MEGABYTE)} MB; the plan has ${limits.megabytes} MB. Delete some of it, or choose a larger plan.`,
    )
  }

  async discard(record: AddonRecord): Promise<void> {
    const server = this.#server(record)
    this.#servers.delete(record.id)
    await server.discard()
  }

  url(record: AddonRecord, user: string, password: string): string {
    return `redis://${user}:${password}@127.0.0.1:${record.number}/0`
  }

  message(): null {
    return null
  }

  async resume(records: readonly AddonRecord[]): Promise<void> {
    this.#isClosed = false
    await Promise.all(
      records.map(record => this.hold(record).catch(() => this.#servers.get(record.id)?.retry())),
    )
  }

  async stop(records: readonly AddonRecord[]): Promise<void> {
    const servers = records.map(record => this.#server(record))
    this.#close()
    await Promise.all(servers.map(server => server.stop()))
  }

  release(): void {
    for (const server of this.#servers.values()) server.release()
    this.#close()
  }

  /** What is still under way starts no server any more. */
  #close(): void {
    this.#isClosed = true
    this.#servers.clear()
  }

  #server(record: AddonRecord): AddonServer {
    const known = this.#servers.get(record.id)
    if (known !== undefined) return known
    if (this.#isClosed)
      throw new ProviderUnavailable('The platform is stopping, and its Redis servers with it.')
    const { key, identity, trouble } = this.#options
    const server = new AddonServer(record, {
      directory: join(this.#options.directory, record.id),
      ...{ key, identity, trouble },
      program: async () => {
        const program = await this.program()
        if (program !== undefined) return program
        throw new ProviderUnavailable(
          'There is no redis-server here any more. Install it (Debian: apt-get install redis-server).',
        )
      },
    })
    this.#servers.set(record.id, server)
    return server
  }
}
