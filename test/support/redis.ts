import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { findProgram } from '../../src/addons/providers/redis/program.ts'
import { eventually } from './eventually.ts'

export type Client = Awaited<ReturnType<typeof connect>>

const program = await findProgram(process.env.PATH ?? '')

/** Why tests with a real Redis cannot run here; false when they can. */
export const withoutRedis: string | false =
  program === undefined &&
  'There is no redis-server here. Install it, on Debian with apt-get install redis-server.'

/** Connects once; rejects when the URL does not open anything. */
export async function connect(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: false }, RESP: 2, disableClientInfo: true })
  client.on('error', () => {})
  try {
    return await client.connect()
  } catch (error) {
    client.destroy()
    throw error
  }
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url)
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}

const PASSWORD = 'secret-of-the-operator'

/** The setting with which a shared server keeps its users by itself. */
export const USERS_KEPT = 'aclfile users.acl'

/** A Redis that somebody runs for many, with a password; it keeps data over a restart, and its users only if asked to. */
export class SharedRedis implements AsyncDisposable {
  readonly url: string
  readonly #directory: string
  #server: ChildProcess | undefined

  private constructor(directory: string, url: string) {
    this.#directory = directory
    this.url = url
  }

  /** `settings` are lines of its configuration; `isOpen` lets everybody in without a password; `host` is where it listens. */
  static async start(
    settings: readonly string[] = [],
    { isOpen = false, host = '127.0.0.1' } = {},
  ): Promise<SharedRedis> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-redis-'))
    const port = await freePort(host)
    const lines = [`bind ${host}`, `port ${port}`, 'save ""', 'appendonly yes', ...settings]
    if (!isOpen && !settings.includes(USERS_KEPT)) lines.push(`requirepass ${PASSWORD}`)
    await writeFile(join(directory, 'redis.conf'), `${lines.join('\n')}\n`)
    await writeFile(join(directory, 'users.acl'), `user default on >${PASSWORD} ~* &* +@all\n`)
    const redis = new SharedRedis(directory, `redis://${isOpen ? '' : `:${PASSWORD}@`}${host}:${port}`)
    try {
      await redis.run()
    } catch (error) {
      await redis[Symbol.asyncDispose]()
      throw error
    }
    return redis
  }

  async run(): Promise<void> {
    await using config = await open(join(this.#directory, 'redis.conf'))
    this.#server = spawn(program ?? '', ['-'], {
      cwd: this.#directory,
      stdio: [config.fd, 'ignore', 'ignore'],
    })
    await once(this.#server, 'spawn')
    await eventually('the shared Redis answers', () => withClient(this.url, client => client.ping()))
  }

  /** Ends it in order: what is in it is there at the next `run`. */
  async halt(): Promise<void> {
    if (this.#server === undefined || this.#server.exitCode !== null) return
    const ended = once(this.#server, 'exit')
    this.#server.kill('SIGTERM')
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.halt()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
