import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { unlessAborted } from '../../../../core/unless-aborted.ts'
import { ProviderUnavailable } from '../../../provider.ts'
import type { Report, Server } from '../server.ts'
import { ServerUrl } from '../server-url.ts'
import { configureCluster, makeCluster, passwordFile, SUPERUSER } from './cluster.ts'
import { groundOf, SERVER } from './ground.ts'
import { isFree, portFile } from './port.ts'
import { endPostmaster, postmasterOf, waitFor } from './postmaster.ts'
import { bringPrograms } from './programs.ts'
import { runOn } from './run.ts'
import { forgetStale } from './stale.ts'

/** A start is given so long; one that has to recover may take longer, and is found running later. */
const START_LIMIT = 60_000
const STOP_LIMIT = 1000
const WATCH = 1000
const LONGEST_PAUSE = 60_000
const PASSWORD = 'superuser.password'

/** The server that the platform runs itself, below a directory of its own. It is a process of nobody's: it goes on. */
export class OwnServer implements Server {
  readonly #home: string
  readonly #data: string
  readonly #report: Report
  readonly #life = new AbortController()
  #starting: Promise<ServerUrl> | undefined
  #watch: NodeJS.Timeout | undefined
  #url: ServerUrl | undefined
  /** Milliseconds until the watch tries again, and since when. */
  #pause = 0
  #failedAt = 0

  constructor(directory: string, report: Report) {
    this.#home = resolve(directory)
    this.#data = join(this.#home, 'data')
    this.#report = report
  }

  async wasWanted(): Promise<boolean> {
    return (await stat(this.#data).catch(() => undefined)) !== undefined
  }

  async reach(signal: AbortSignal): Promise<ServerUrl> {
    this.#throwIfEnded()
    if (this.#url !== undefined && postmasterOf(this.#data)?.isReady) return this.#url
    return unlessAborted(this.#start(), signal)
  }

  async resume(): Promise<void> {
    if (!(await this.wasWanted()) || this.#life.signal.aborted) return
    this.#keepWatch()
    this.#startAgain()
  }

  async stop(): Promise<void> {
    this.release()
    const isSettled = this.#starting?.then(
      () => true,
      () => true,
    )
    // One that is being started is waited for only until there is something to end.
    await Promise.race([isSettled, waitFor(() => postmasterOf(this.#data) !== undefined, STOP_LIMIT)])
    await endPostmaster(this.#data)
  }

  release(): void {
    this.#life.abort()
    clearInterval(this.#watch)
  }

  /** One start at a time, whoever asks for it. */
  #start(): Promise<ServerUrl> {
    this.#starting ??= this.#bringUp().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #bringUp(): Promise<ServerUrl> {
    const signal = this.#life.signal
    try {
      await mkdir(this.#home, { recursive: true, mode: 0o711 })
      const port = await portFile(join(this.#home, 'port'))
      const password = await passwordFile(join(this.#home, PASSWORD))
      if (postmasterOf(this.#data) === undefined) await this.#launch(port, signal)
      // Until it is ready, or gone.
      await waitFor(() => signal.aborted || postmasterOf(this.#data)?.isReady !== false, START_LIMIT)
      if (!postmasterOf(this.#data)?.isReady)
        throw new ProviderUnavailable('PostgreSQL is still starting. Try again later.')
      this.#url = new ServerUrl(`postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`)
      this.#pause = 0
      this.#keepWatch()
      return this.#url
    } catch (error) {
      this.#throwIfEnded()
      if (error instanceof ProviderUnavailable) throw error
      const said = (error as Error).message
      throw new ProviderUnavailable(
        `PostgreSQL for add-ons could not be started. ${said} See start.log and log in ${this.#data}.`,
        { cause: error },
      )
    }
  }

  async #launch(port: number, signal: AbortSignal): Promise<void> {
    const major = (await readFile(join(this.#data, 'PG_VERSION'), 'utf8').catch(() => undefined))?.trim()
    const programs = await bringPrograms(this.#home, major, signal)
    if (major === undefined)
      await makeCluster({ home: this.#home, programs, password: join(this.#home, PASSWORD) }, signal)
    await configureCluster(this.#data, port)
    if (!(await isFree(port)))
      throw new ProviderUnavailable(
        `PostgreSQL for add-ons listens on port ${port}, which is in every DATABASE_URL, and another program has taken it. End that program.`,
      )
    signal.throwIfAborted()
    await forgetStale(this.#data)
    const ground = groundOf(this.#home, SERVER)
    const seen = join(ground.directory, 'data')
    const log = join('data', 'start.log')
    await rm(join(this.#home, log), { force: true })
    const args = ['start', `--pgdata=${seen}`, `--log=${join(ground.directory, log)}`, '--silent']
    const program = join(ground.directory, programs, 'bin', 'pg_ctl')
    const wait = ['--wait', `--timeout=${START_LIMIT / 1000}`]
    // Not with our signal: it ends with what it starts, and that has to be found.
    await runOn(ground, [program, ...args, ...wait], AbortSignal.timeout(2 * START_LIMIT))
  }

  /** It is no child of ours: only looking tells whether it is still there. */
  #keepWatch(): void {
    if (this.#watch !== undefined || this.#life.signal.aborted) return
    this.#watch = setInterval(() => this.#lookAfter(), WATCH)
    this.#watch.unref()
  }

  #lookAfter(): void {
    if (this.#starting !== undefined || postmasterOf(this.#data) !== undefined) return
    if (performance.now() - this.#failedAt >= this.#pause) this.#startAgain()
  }

  #startAgain(): void {
    this.#start().catch(error => {
      if (this.#life.signal.aborted) return
      this.#failedAt = performance.now()
      this.#pause = Math.min(Math.max(WATCH, this.#pause * 2), LONGEST_PAUSE)
      this.#report({ doing: 'starting PostgreSQL for add-ons', error })
    })
  }

  #throwIfEnded(): void {
    if (this.#life.signal.aborted)
      throw new ProviderUnavailable('The platform is ending; ask again when it is back.')
  }
}
