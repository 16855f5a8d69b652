import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './eventually.ts'
import { withClient } from './postgres.ts'

const VERSIONS = '/usr/lib/postgresql'
const NOBODY = 65534
const run = promisify(execFile)

/** The programs of the newest PostgreSQL that Debian's package brought; undefined when there is none. */
export async function systemPrograms(): Promise<string | undefined> {
  const versions = await readdir(VERSIONS).catch(() => [])
  const newest = versions
    .map(Number)
    .sort((a, b) => a - b)
    .at(-1)
  return newest === undefined ? undefined : join(VERSIONS, String(newest), 'bin')
}

/** A server as somebody else runs it, with the clients of its version beside it: for the length of a test file. */
export class SystemPostgres implements AsyncDisposable {
  readonly adminUrl: string
  readonly #directory: string
  readonly #programs: string
  #server: ChildProcess | undefined

  private constructor(directory: string, programs: string, adminUrl: string) {
    this.adminUrl = adminUrl
    this.#directory = directory
    this.#programs = programs
  }

  static async start(programs: string): Promise<SystemPostgres> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-system-postgres-'))
    await chmod(directory, 0o711)
    const data = join(directory, 'data')
    const password = randomBytes(16).toString('hex')
    const passwordFile = join(directory, 'password')
    await mkdir(data, { mode: 0o700 })
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (isRoot()) for (const owned of [data, passwordFile]) await chown(owned, NOBODY, NOBODY)
    const options = ['-U', 'postgres', '-E', 'UTF8', '--locale=C', '-A', 'scram-sha-256', '-N']
    await run(join(programs, 'initdb'), ['-D', data, ...options, `--pwfile=${passwordFile}`], asUser())
    const url = `postgres://postgres:${password}@127.0.0.1:${await freePort()}/postgres`
    const postgres = new SystemPostgres(directory, programs, url)
    await postgres.start()
    return postgres
  }

  async start(): Promise<void> {
    const settings = {
      port: new URL(this.adminUrl).port,
      listen_addresses: '127.0.0.1',
      fsync: 'off',
      shared_buffers: '16MB',
    }
    const args = Object.entries({ ...settings, unix_socket_directories: '' }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    this.#server = spawn(join(this.#programs, 'postgres'), ['-D', join(this.#directory, 'data'), ...args], {
      ...asUser(),
      stdio: 'ignore',
    })
    await eventually('the server answers', () =>
      withClient(this.adminUrl, async client => (await client.query('select')).rowCount ?? undefined),
    )
  }

  /** Ends it as its owner would, in the middle of everything. */
  async end(): Promise<void> {
    const server = this.#server
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGINT')
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function asUser(): { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
  return { cwd: '/', env, ...(isRoot() && { uid: NOBODY, gid: NOBODY }) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
