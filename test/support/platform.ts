import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_TIMEOUT = 60_000

export interface TestPlatform extends AsyncDisposable {
  dataDir: string
  endpoints: {
    api: string
    api_tls: string
    git: string
    router: string
    ca_file: string
    owner_token_file: string
  }
  token: string
  pid: number
  /** Everything it printed so far. */
  output(): string
  /** Kills the control plane only, as a crash would. */
  crash(): Promise<void>
  /** Starts a control plane on the same data directory and ports. */
  restart(): Promise<void>
  /** Tells the server to stop; answers its exit code. */
  stop(): Promise<number | null>
}

export interface PlatformOptions {
  environment?: Readonly<Record<string, string>>
  dataDir?: string
  /** Runs the server as this user; its data directory is made theirs. Only root can. */
  user?: { uid: number; gid: number }
}

/** Starts the real server as a process of its own, on free ports and a directory of its own. */
export async function startPlatform(options: PlatformOptions = {}): Promise<TestPlatform> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tidemark-test-')))
  if (options.user) await chown(dataDir, options.user.uid, options.user.gid)
  const server = new ServerProcess(dataDir, options)
  await server.start(['--port', '0', '--tls-port', '0', '--router-port', '0'])
  const endpoints = JSON.parse(
    await readFile(join(dataDir, 'endpoints.json'), 'utf8'),
  ) as TestPlatform['endpoints']
  const token = (await readFile(endpoints.owner_token_file, 'utf8')).trim()
  const ports = [
    ...['--port', new URL(endpoints.api).port],
    ...['--tls-port', new URL(endpoints.api_tls).port],
    ...['--router-port', new URL(endpoints.router).port],
  ]
  return {
    dataDir,
    endpoints,
    token,
    get pid() {
      return server.pid
    },
    output: () => server.output,
    crash: () => server.kill('SIGKILL').then(() => {}),
    restart: () => server.start(ports),
    stop: () => server.kill('SIGTERM'),
    async [Symbol.asyncDispose]() {
      if (server.isDead) await server.start(ports)
      await server.kill('SIGTERM')
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

class ServerProcess {
  readonly #dataDir: string
  readonly #options: PlatformOptions
  #child: ChildProcess | undefined
  output = ''

  constructor(dataDir: string, options: PlatformOptions) {
    this.#dataDir = dataDir
    this.#options = options
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get isDead(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves once it says that it is running. Throws what it said when it ends instead. */
  async start(flags: readonly string[]): Promise<void> {
    const args = [join(ROOT, 'bin', 'tidemark.js'), 'server', '--data-dir', this.#dataDir, ...flags]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#options.environment },
      ...this.#options.user,
    })
    this.#child = child
    this.output = ''
    const ready = Promise.withResolvers<void>()
    const hear = (chunk: unknown): void => {
      this.output += String(chunk)
      if (this.output.includes('Tidemark is running.')) ready.resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', status =>
      ready.reject(new Error(`The server ended with status ${status}:\n${this.output}`)),
    )
    const limit = setTimeout(
      () => ready.reject(new Error(`The server did not start in time:\n${this.output}`)),
      START_TIMEOUT,
    )
    try {
      await ready.promise
    } catch (error) {
      // Whoever asked for it has nothing to stop it with.
      await this.kill('SIGTERM')
      throw error
    } finally {
      clearTimeout(limit)
    }
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.#child || this.isDead) return this.#child?.exitCode ?? null
    const exit = once(this.#child, 'exit')
    this.#child.kill(signal)
    const [status] = await exit
    return status as number | null
  }
}
