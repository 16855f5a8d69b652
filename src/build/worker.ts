import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { failBuild } from '../actions/fail-build.ts'
import { finishBuild } from '../actions/finish-build.ts'
import type { Build } from '../core/build.ts'
import { isNotFound, UserError } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import { isDiskFull } from '../files/disk-full.ts'
import type { LedgerEvent } from '../ledger/events.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Transcript, Transcripts } from '../logs/transcript.ts'
import { type Builder, BuildFailure, type BuildOutput } from './builder.ts'
import type { BuildCaches } from './caches.ts'
import { endInterrupted, INTERRUPTED } from './interrupted.ts'
import { plain } from './printable.ts'
import { BuildTurns } from './turns.ts'

/** Makes a build's source tree in a directory it creates. Returns remarks for the person pushing. */
export type MakeSource = (into: string, signal: AbortSignal) => Promise<readonly string[]>

export interface BuildWorkerContext {
  ledger: Ledger
  builder: Builder
  transcripts: Transcripts
  /** Scratch space: one directory a build, removed when it ends. */
  buildDirectory: string
  caches: BuildCaches
  /** How to get the source of a build that nobody is waiting with. */
  sourceOf: (build: Build) => MakeSource
  onTrouble: (trouble: { doing: string; error: unknown }) => void
}

/** How a build ended: with a release, or with a reason. */
export type BuildOutcome = { ok: true; release: Release } | { ok: false; reason: string }

/** What could not be written down is tried again. */
const RETRY_AFTER = 1000

const UNTOLD = 'The platform failed to build this; its log says why. Deploy again, or ask whoever runs it.'

/** Runs builds, one at a time for each app: those of pushes when their push asks, all others by itself. */
export class BuildWorker {
  readonly #context: BuildWorkerContext
  readonly #turns: BuildTurns
  readonly #abort = new AbortController()
  readonly #running = new Map<string, { appId: string; abort: AbortController; done: Promise<unknown> }>()
  #stopListening: () => void = () => {}

  constructor(context: BuildWorkerContext) {
    this.#context = context
    this.#turns = new BuildTurns(context.ledger)
  }

  /** Ends what a crash cut short, and takes up what waits. */
  async start(): Promise<void> {
    const { ledger, buildDirectory } = this.#context
    await rm(buildDirectory, { recursive: true, force: true })
    await mkdir(buildDirectory, { recursive: true, mode: 0o711 })
    this.#stopListening = ledger.onCommit(events => this.#heard(events))
    await endInterrupted(this.#context)
    for (const build of await ledger.read.builds.pending()) this.#takeUp(build)
  }

  async close(): Promise<void> {
    this.#stopListening()
    this.#abort.abort()
    await Promise.allSettled([...this.#running.values()].map(run => run.done))
  }

  /**
   * Runs a pending build to its end, waiting for its turn first. `output` hears what the person pushing sees. When
   * `signal` aborts the build is cancelled, unless its release exists already.
   */
  run(
    build: Build,
    source: MakeSource,
    options: { output: BuildOutput; signal: AbortSignal },
  ): Promise<BuildOutcome> {
    const abort = new AbortController()
    const signal = AbortSignal.any([options.signal, abort.signal, this.#abort.signal])
    const done = this.#perform(build, source, { output: options.output, signal })
    this.#running.set(build.id, { appId: build.appId, abort, done })
    return done.finally(() => this.#running.delete(build.id))
  }

  async #perform(
    build: Build,
    source: MakeSource,
    { output, signal }: { output: BuildOutput; signal: AbortSignal },
  ): Promise<BuildOutcome> {
    const transcript = await this.#transcriptOf(build)
    const tell = (text: string): void => {
      transcript?.write(text)
      output(text)
    }
    try {
      return { ok: true, release: await this.#inTurn(build, source, { output: tell, signal }) }
    } catch (error) {
      const reason = this.#reason(error, signal)
      // On a full disk there is room for the outcome only once the build's files are gone.
      await this.#removeDirectory(build)
      await this.#fail(build, reason)
      tell(`\n !     ${reason.replaceAll('\n', '\n !     ')}\n\n`)
      return { ok: false, reason }
    } finally {
      await this.#removeDirectory(build)
      await transcript?.end()
    }
  }

  /** A full disk costs the transcript, not the build. */
  async #transcriptOf(build: Build): Promise<Transcript | undefined> {
    return this.#context.transcripts.open(build.id).catch(error => {
      this.#context.onTrouble({ doing: 'open a transcript', error })
      return undefined
    })
  }

  /** Writes a failure down, however often it takes: an app's next build waits for it. */
  async #fail(build: Build, reason: string): Promise<void> {
    let said = reason
    do {
      try {
        return void (await failBuild(this.#context.ledger, build.appId, build.id, said))
      } catch (error) {
        // The app is gone, and its builds with it.
        if (isNotFound(error)) return
        this.#context.onTrouble({ doing: 'write down a failed build', error })
        // The ledger will not take these words, however often they are said.
        if (error instanceof UserError && error.id === 'invalid_params') said = UNTOLD
        await after(RETRY_AFTER, undefined, { signal: this.#abort.signal }).catch(() => {})
      }
    } while (!this.#abort.signal.aborted)
  }

  async #inTurn(
    build: Build,
    source: MakeSource,
    { output, signal }: { output: BuildOutput; signal: AbortSignal },
  ): Promise<Release> {
    await this.#turns.wait(build, output, signal)
    const { ledger, caches } = this.#context
    const image = await caches.use(build.appId, cacheDirectory =>
      this.#image(build, source, { cacheDirectory, output, signal }),
    )
    signal.throwIfAborted()
    return finishBuild(ledger, build.appId, build.id, image)
  }

  async #image(
    build: Build,
    source: MakeSource,
    { cacheDirectory, output, signal }: { cacheDirectory: string; output: BuildOutput; signal: AbortSignal },
  ) {
    const { builder, buildDirectory } = this.#context
    const directory = join(buildDirectory, build.id)
    const [sourceDirectory, workDirectory] = [join(directory, 'source'), join(directory, 'work')]
    await mkdir(workDirectory, { recursive: true, mode: 0o711 })
    for (const remark of await source(sourceDirectory, signal)) output(` !     ${plain(remark)}\n`)
    const { app, config } = await this.#appOf(build)
    return builder.build(
      {
        buildId: build.id,
        appId: build.appId,
        ...{ sourceDirectory, workDirectory, cacheDirectory, config },
        buildpacks: build.buildpacks,
        stack: app.buildStack,
        sourceVersion: build.version,
      },
      output,
      signal,
    )
  }

  async #appOf(build: Build) {
    const { read } = this.#context.ledger
    const [app, head] = [await read.apps.byId(build.appId), await read.releases.head(build.appId)]
    if (!app || !head) throw new BuildFailure('The app was destroyed.')
    return { app, config: await read.configs.load(head.configId) }
  }

  #reason(error: unknown, signal: AbortSignal): string {
    if (this.#abort.signal.aborted) return INTERRUPTED
    if (signal.aborted)
      return signal.reason instanceof BuildFailure ? signal.reason.message : 'The build was cancelled.'
    if (error instanceof BuildFailure || error instanceof UserError) return error.message
    this.#context.onTrouble({ doing: 'build', error })
    if (isDiskFull(error)) return 'The disk of the platform is full. Free some space and deploy again.'
    return UNTOLD
  }

  async #removeDirectory(build: Build): Promise<void> {
    await rm(join(this.#context.buildDirectory, build.id), { recursive: true, force: true }).catch(error =>
      this.#context.onTrouble({ doing: 'remove build directory', error }),
    )
  }

  #heard(events: readonly LedgerEvent[]): void {
    for (const event of events) {
      if (event.kind === 'build:create') this.#quietly('take up a build', this.#look(event))
      if (event.kind === 'build:update' && event.data.status === 'failed')
        this.#running.get(String(event.data.id))?.abort.abort()
      if (event.kind === 'app:destroy' && event.appId !== null)
        this.#quietly('remove a build cache', this.#forgetApp(event.appId))
    }
  }

  async #forgetApp(appId: string): Promise<void> {
    const runs = [...this.#running.values()].filter(run => run.appId === appId)
    for (const { abort } of runs) abort.abort(new BuildFailure('The app was destroyed.'))
    await Promise.allSettled(runs.map(run => run.done))
    await this.#context.caches.purge(appId)
  }

  #quietly(doing: string, work: Promise<void>): void {
    work.catch(error => this.#context.onTrouble({ doing, error }))
  }

  async #look(event: LedgerEvent): Promise<void> {
    const build = await this.#context.ledger.read.builds.byId(event.appId ?? '', String(event.data.id))
    if (build?.status === 'pending' && build.source.kind !== 'git') this.#takeUp(build)
  }

  #takeUp(build: Build): void {
    if (this.#running.has(build.id)) return
    const source = this.#context.sourceOf(build)
    this.run(build, source, { output: () => {}, signal: this.#abort.signal }).catch(error =>
      this.#context.onTrouble({ doing: 'build', error }),
    )
  }
}
