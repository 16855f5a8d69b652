import { type ChildProcess, spawn } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import { dirname, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RouterFeed } from '../router/feed-client.ts'
import { until } from './until.ts'

export interface RouterProcessOptions {
  host: string
  port: number
  socketPath: string
  snapshotPath: string
}

const START_TIMEOUT = 10_000
/** How long a router from before is given to answer, before another is started. */
const ADOPT_TIMEOUT = 300
const STOP_TIMEOUT = 9_000
const RESTART_PAUSE = 200

/** Keeps a router running: adopts the one from before, starts one when there is none, and another when it dies. */
export class RouterProcess {
  readonly #options: RouterProcessOptions
  readonly #feed: RouterFeed
  #child: ChildProcess | undefined
  #fault: Error | undefined
  #port = 0
  #watch: NodeJS.Timeout | undefined
  #isClosing = false

  constructor(options: RouterProcessOptions, feed: RouterFeed) {
    this.#options = options
    this.#feed = feed
  }

  get port(): number {
    return this.#port
  }

  /** Resolves once a router answers. Throws the sentence with which it refused to start. */
  async start(): Promise<void> {
    this.#feed.open()
    const adopted = await until(() => this.#feed.router, { within: ADOPT_TIMEOUT })
    if (!adopted) this.#spawn()
    const router = await until(() => this.#feed.router ?? this.#fault, { within: START_TIMEOUT })
    if (!router) throw new Error(`The router did not start within ${START_TIMEOUT / 1000} s.`)
    if (router instanceof Error) throw router
    this.#port = router.port
    // An adopted router is no child of ours: only looking tells whether it is still there.
    this.#watch = setInterval(() => this.#ensure(router.pid), RESTART_PAUSE)
  }

  /** Ends the router: it finishes what is in flight within `grace`. */
  async stop(grace: number): Promise<void> {
    const pid = this.#feed.router?.pid ?? this.#child?.pid
    const isListening = this.#feed.router !== undefined
    this.release()
    if (pid === undefined || !isAlive(pid)) return
    // One that is only just starting hears of nothing yet, and has nothing in flight.
    if (!isListening) return kill(pid)
    this.#feed.stop(grace)
    const isGone = await until(() => (isAlive(pid) ? undefined : true), {
      within: Math.min(grace + 500, STOP_TIMEOUT),
    })
    if (!isGone) kill(pid)
  }

  /** Leaves the router running, for the next control plane. */
  release(): void {
    this.#isClosing = true
    clearInterval(this.#watch)
    this.#child?.unref()
  }

  #ensure(firstPid: number): void {
    if (this.#isClosing || isRunning(this.#child)) return
    const pid = this.#feed.router?.pid ?? (this.#child === undefined ? firstPid : undefined)
    if (pid === undefined || !isAlive(pid)) this.#spawn()
  }

  #spawn(): void {
    const main = fileURLToPath(new URL(`../router/main${extname(import.meta.url)}`, import.meta.url))
    const settings = { ...this.#options, port: this.#port || this.#options.port }
    const child = spawn(process.execPath, ['--max-semi-space-size=4', main, JSON.stringify(settings)], {
      env: routerEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    const startedAt = performance.now()
    let said = ''
    child.stderr?.on('data', chunk => {
      said = `${said}${chunk}`.slice(-2000)
      process.stderr.write(chunk)
    })
    child.on('exit', status => {
      this.#fault = new Error(
        said.trim().replace(/^router: /, '') || `The router ended with status ${status}.`,
      )
      // One that ends right after its start is left to the watch, which takes its time.
      const isSudden = performance.now() - startedAt > RESTART_PAUSE
      if (!this.#isClosing && this.#port !== 0 && isSudden) this.#spawn()
    })
  }
}

/** Without stripped code at hand the router would keep the type stripper in memory for good: 35 MB. */
function routerEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir()
  return { PATH: process.env.PATH, ...(cache !== undefined && { NODE_COMPILE_CACHE: dirname(cache) }) }
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child !== undefined && child.exitCode === null && child.signalCode === null
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone meanwhile.
  }
}
