import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../../../files/durable.ts'
import { unlessMissing } from '../../../files/missing.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import { ProviderUnavailable } from '../../provider.ts'
import { identify, isRunning, type ProcessIdentity } from './processes.ts'
import { SOCKET } from './server-config.ts'

/** A socket's path may be no longer than this. */
const LONGEST_SOCKET = 107

/**
 * The directory of one add-on's server, and the process that runs there.
 *
 *     redis.conf    how it is to run, read by whoever starts it and handed over open
 *     process.json  which process it is
 *     server.log    what it says
 *     data/         its own: what it keeps, and the socket
 */
export class ServerPlace {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  /** Writes how the server is to run from its next start on. */
  async configure(config: string): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 })
    const path = join(this.directory, 'redis.conf')
    if ((await unlessMissing(readFile(path, 'utf8'))) !== config) await writeDurably(path, config)
  }

  /** Starts `program` as configured, in a session of its own: it does not notice the end of whoever started it. */
  async start(program: string, identity: Identity | null): Promise<ChildProcess> {
    const data = join(this.directory, 'data')
    await mkdir(data, { recursive: true, mode: 0o700 })
    await chmod(data, 0o700)
    if (identity !== null) await chown(data, identity.uid, identity.gid)
    await using config = await open(join(this.directory, 'redis.conf'))
    await using log = await open(join(this.directory, 'server.log'), 'a', 0o600)
    // Only what is open or below its working directory has to be within the user's reach.
    const child = spawn(program, ['-'], {
      cwd: data,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: [config.fd, log.fd, log.fd],
      detached: true,
      ...(identity ?? {}),
    })
    try {
      await once(child, 'spawn')
    } catch (cause) {
      throw new ProviderUnavailable(`${program} cannot be run: ${(cause as Error).message}`, { cause })
    }
    child.unref()
    if (child.pid !== undefined) await this.remember(child.pid)
    return child
  }

  /** The process that was started, if it still runs. */
  async process(): Promise<ProcessIdentity | undefined> {
    const text = await unlessMissing(readFile(this.#processFile, 'utf8'))
    const known = text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity)
    return known !== undefined && (await isRunning(known)) ? known : undefined
  }

  async remember(pid: number): Promise<void> {
    const found = await identify(pid)
    if (found !== undefined) await writeDurably(this.#processFile, `${JSON.stringify(found)}\n`)
  }

  /** Hands `use` a path of the server's socket that is short enough for the system. */
  async atSocket<T>(use: (path: string) => Promise<T>): Promise<T> {
    const data = join(this.directory, 'data')
    const path = join(data, SOCKET)
    if (Buffer.byteLength(path) <= LONGEST_SOCKET) return use(path)
    await using handle = await open(data)
    return await use(`/proc/self/fd/${handle.fd}/${SOCKET}`)
  }

  get #processFile(): string {
    return join(this.directory, 'process.json')
  }
}
