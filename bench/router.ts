import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import * as net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RouterFeed } from '../src/router/feed-client.ts'

// Requests a second and p99 of the router and of Caddy's reverse proxy, one core each, in front of the same backend.
// The load and the backend share the other core. Run: bin/node bench/router.ts

const ROUNDS = 3
const SECONDS = 5
const CONNECTIONS = 32
const PROXY_CORE = '0'
const LOAD_CORE = '1'

interface Result {
  perSecond: number
  /** Milliseconds. */
  p99: number
}

/** Everything started here, to be ended whatever happens. */
const stack = new AsyncDisposableStack()

try {
  await main()
} finally {
  await stack.disposeAsync()
}

async function main(): Promise<void> {
  for (const name of ['caddy', 'wrk', 'taskset']) await requireProgram(name)
  // This process plays the control plane: it stays off the proxies' core.
  await run('taskset', ['-cp', LOAD_CORE, String(process.pid)])
  const directory = mkdtempSync(join(tmpdir(), 'bench-router-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const backend = await freePort()
  start(LOAD_CORE, process.execPath, [
    fileURLToPath(new URL('router-backend.ts', import.meta.url)),
    String(backend),
  ])
  await listening(backend)
  const proxies = {
    router: await startRouter(directory, backend),
    caddy: await startCaddy(directory, backend),
  }
  const results: Record<keyof typeof proxies, Result[]> = { router: [], caddy: [] }
  for (const port of Object.values(proxies)) await load(port, 2)
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['router', 'caddy'] as const) {
      const result = await load(proxies[name], SECONDS)
      results[name].push(result)
      print(name, result)
    }
  }
  const [router, caddy] = [median(results.router), median(results.caddy)]
  console.log(
    `requests/s: ${(router.perSecond / caddy.perSecond).toFixed(2)} of Caddy's (wanted: at least 1.00)`,
  )
  console.log(`p99:        ${(router.p99 / caddy.p99).toFixed(2)} of Caddy's (wanted: at most 1.50)`)
}

/** The router as the platform runs it: a process of its own, with a control plane that takes its log lines. */
async function startRouter(directory: string, backend: number): Promise<number> {
  const port = await freePort()
  const socketPath = join(directory, 'feed')
  const settings = { host: '127.0.0.1', port, socketPath, snapshotPath: join(directory, 'table.json') }
  const main = fileURLToPath(new URL('../src/router/main.ts', import.meta.url))
  start(PROXY_CORE, process.execPath, [main, JSON.stringify(settings)])
  const feed = new RouterFeed(socketPath)
  stack.defer(() => feed.close())
  const target = { dynoId: 'dyno', dyno: 'web.1', host: '127.0.0.1', port: backend }
  const hosts = ['bench.localhost']
  feed.updateApp({
    appId: 'bench',
    name: 'bench',
    hosts,
    maintenance: false,
    state: 'serving',
    targets: [target],
  })
  feed.open()
  void (async () => {
    for await (const batch of feed.lines) batch.ack()
  })()
  await feed.applied(AbortSignal.timeout(10_000))
  return port
}

async function startCaddy(directory: string, backend: number): Promise<number> {
  const port = await freePort()
  const config = join(directory, 'Caddyfile')
  writeFileSync(
    config,
    `{\n admin off\n auto_https off\n}\nhttp://:${port} {\n reverse_proxy 127.0.0.1:${backend}\n}\n`,
  )
  start(PROXY_CORE, 'caddy', ['run', '--adapter', 'caddyfile', '--config', config], {
    GOMAXPROCS: '1',
    XDG_DATA_HOME: directory,
    XDG_CONFIG_HOME: directory,
  })
  await listening(port)
  return port
}

function start(
  core: string,
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): void {
  const child = spawn('taskset', ['-c', core, program, ...args], {
    stdio: 'ignore',
    env: { ...process.env, ...environment },
  })
  stack.defer(async () => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await exited
  })
}

async function load(port: number, seconds: number): Promise<Result> {
  const args = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    '--latency',
    '-H',
    'Host: bench.localhost',
    `http://127.0.0.1:${port}/`,
  ]
  const output = await run('taskset', ['-c', LOAD_CORE, 'wrk', ...args])
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`Not every request was answered:\n${output}`)
  const [, p99 = '', unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? []
  const [, perSecond = ''] = /Requests\/sec:\s+([\d.]+)/.exec(output) ?? []
  return {
    perSecond: Number(perSecond),
    p99: Number(p99) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN),
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  await once(child, 'close')
  return output
}

async function requireProgram(name: string): Promise<void> {
  const child = spawn('which', [name], { stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code === 0) return
  console.error(
    `bench/router needs ${name}. Install what it compares with: apt-get install caddy wrk util-linux`,
  )
  process.exit(1)
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listening(port: number): Promise<void> {
  for (const late = AbortSignal.timeout(10_000); !late.aborted; ) {
    const socket = net.connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
  }
  throw new Error(`Nothing listens on port ${port} after 10 s.`)
}

function median(results: readonly Result[]): Result {
  const middle = (values: number[]) =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
  return { perSecond: middle(results.map(r => r.perSecond)), p99: middle(results.map(r => r.p99)) }
}

function print(name: string, { perSecond, p99 }: Result): void {
  console.log(
    `${name.padEnd(8)}${perSecond.toFixed(0).padStart(8)} requests/s   p99 ${p99.toFixed(2).padStart(6)} ms`,
  )
}
