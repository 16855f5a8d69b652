import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { ArchiveFault } from '../../archive/inside.ts'
import { type ArtifactStore, ImageTooLarge, type StoredImage } from '../../artifacts/store.ts'
import type { BuildpackRef } from '../../core/build.ts'
import type { ProcessTypes } from '../../core/procfile.ts'
import { type Duration, minutes, spoken } from '../../core/time.ts'
import type { Identity, Sandbox } from '../../sandbox/sandbox.ts'
import {
  type Builder,
  BuildFailure,
  type BuildOutput,
  type BuildRequest,
  type BuildResult,
} from '../builder.ts'
import { BuildLog } from './build-log.ts'
import { BUILT_IN, type BuildpackSources, builtIn, copyBuildpack, redacted } from './buildpack-source.ts'
import { byteSize, limitSize } from './byte-size.ts'
import { layersOf } from './layers.ts'
import { parseReleaseFile, readProcfile } from './process-types.ts'
import { runProgram } from './program.ts'
import { Workspace } from './workspace.ts'

export interface BuildLimits {
  duration: Duration
  /** Bytes of the image's layers, as stored. */
  slugBytes: number
  /** Bytes of output. */
  outputBytes: number
  /** Characters of one line of output. */
  lineLength: number
}

export const BUILD_LIMITS: BuildLimits = {
  duration: minutes(15),
  slugBytes: 500_000_000,
  outputBytes: 20_000_000,
  lineLength: 10_000,
}

export interface BuildpackBuilderOptions extends BuildpackSources {
  store: Pick<ArtifactStore, 'put'>
  sandbox: Sandbox
  /** Who an app's builds run as; null for the server's own user. */
  identity: (appId: string) => Identity | null
  limits: BuildLimits
}

/** Builds with classic buildpacks: `bin/detect`, `bin/compile`, `bin/release`. */
export function buildpackBuilder(options: BuildpackBuilderOptions): Builder {
  return {
    async build(request, output, signal) {
      const deadline = AbortSignal.timeout(options.limits.duration)
      const build = new BuildpackBuild(request, options, {
        output,
        signal: AbortSignal.any([signal, deadline]),
      })
      try {
        return await build.run()
      } catch (error) {
        signal.throwIfAborted()
        if (!deadline.aborted) throw error
        throw new BuildFailure(
          `The build took longer than ${spoken(options.limits.duration)} and was stopped. Make it do less, or find out what it waits for.`,
        )
      }
    },
  }
}

/** A buildpack that said it applies. */
interface Detected {
  ref: BuildpackRef
  index: number
  /** What it calls the app: `Node.js`. */
  name: string
}

class BuildpackBuild {
  readonly #request: BuildRequest
  readonly #options: BuildpackBuilderOptions
  readonly #log: BuildLog
  readonly #signal: AbortSignal
  readonly #workspace: Workspace
  /** How many buildpacks were copied into the workspace. */
  #copied = 0

  constructor(
    request: BuildRequest,
    options: BuildpackBuilderOptions,
    { output, signal }: { output: BuildOutput; signal: AbortSignal },
  ) {
    const { limits, sandbox, environment } = options
    this.#request = request
    this.#options = options
    this.#log = new BuildLog(output, { total: limits.outputBytes, line: limits.lineLength })
    this.#signal = signal
    this.#workspace = new Workspace(request, {
      sandbox,
      environment,
      identity: options.identity(request.appId),
    })
  }

  async run(): Promise<BuildResult> {
    this.#log.step(`Building on the ${capitalised(this.#request.stack)} stack`)
    try {
      await this.#workspace.prepare()
      const { used, defaults } = await this.#runBuildpacks()
      const processTypes = await this.#discover(defaults)
      const { digest, size } = await this.#store(processTypes)
      return {
        digest,
        size,
        processTypes,
        stack: this.#request.stack,
        buildpacks: used.map(({ ref }) => ref),
        buildpackDescription: used.map(({ name }) => name).join(', '),
      }
    } finally {
      await this.#workspace.forgetConfig()
    }
  }

  async #runBuildpacks(): Promise<{ used: readonly Detected[]; defaults: ProcessTypes }> {
    const { buildpacks } = this.#request
    this.#announce(buildpacks)
    const used: Detected[] = []
    let defaults: ProcessTypes = {}
    for (const ref of buildpacks.length === 0 ? [undefined] : buildpacks) {
      const buildpack = ref ? await this.#detectGiven(ref) : await this.#detectBuiltIn()
      this.#log.step(`${buildpack.name} app detected`)
      await this.#compile(buildpack, used)
      used.push(buildpack)
      defaults = { ...defaults, ...(await this.#release(buildpack)) }
    }
    return { used, defaults }
  }

  #announce(buildpacks: readonly BuildpackRef[]): void {
    const names = buildpacks.map(ref => redacted(ref.name))
    if (names.length === 0) this.#log.step('Determining which buildpack to use for this app')
    else if (names.length === 1) this.#log.step(`Using buildpack: ${names[0]}`)
    else {
      this.#log.step('Using buildpacks:')
      for (const [index, name] of names.entries()) this.#log.detail(`${index + 1}. ${name}`)
    }
  }

  async #detectBuiltIn(): Promise<Detected> {
    for (const name of BUILT_IN) {
      const detected = await this.#detect(builtIn(name))
      if (detected) return detected
    }
    throw new BuildFailure(
      'No default language could be detected for this app. Add a package.json, an index.html or a Procfile at its root, or set a buildpack with buildpacks:set.',
    )
  }

  async #detectGiven(ref: BuildpackRef): Promise<Detected> {
    const detected = await this.#detect(ref)
    if (detected) return detected
    throw new BuildFailure(
      `App not compatible with buildpack: ${redacted(ref.url)}. Its bin/detect did not recognise the app. Set another one with buildpacks:set, or let Tidemark choose with buildpacks:clear.`,
    )
  }

  async #detect(ref: BuildpackRef): Promise<Detected | undefined> {
    const index = this.#copied++
    const directory = this.#workspace.buildpackDirectory(index)
    await copyBuildpack(ref, directory, { sources: this.#options, signal: this.#signal })
    await this.#workspace.own(directory)
    const { build, buildpack } = this.#workspace.inside()
    const { status, text } = await this.#capture([join(buildpack(index), 'bin', 'detect'), build])
    if (status !== 0) return undefined
    return { ref, index, name: text.split('\n', 1)[0]?.trim().slice(0, 100) || redacted(ref.name) }
  }

  async #compile({ index, name }: Detected, before: readonly Detected[]): Promise<void> {
    const { build, cache, env, buildpack } = this.#workspace.inside()
    const exports = before.map(earlier => join(buildpack(earlier.index), 'export'))
    const compile = [join(buildpack(index), 'bin', 'compile'), build, cache, env]
    const command = ['bash', '-c', SOURCE_EXPORTS, 'bash', String(exports.length), ...exports, ...compile]
    const status = await this.#run(command, { stdout: this.#log.stream(), stderr: this.#log.stream() })
    if (status !== 0) throw new BuildFailure(`Push rejected, failed to compile ${name} app.`)
  }

  async #release({ ref, index }: Detected): Promise<ProcessTypes> {
    const script = join(this.#workspace.buildpackDirectory(index), 'bin', 'release')
    if (!(await isExecutable(script))) return {}
    const { build, buildpack } = this.#workspace.inside()
    const { status, text } = await this.#capture([join(buildpack(index), 'bin', 'release'), build])
    if (status !== 0)
      throw new BuildFailure(`bin/release of buildpack ${redacted(ref.name)} failed with status ${status}.`)
    const { processTypes, ignored } = parseReleaseFile(text)
    if (ignored.length > 0)
      this.#log.detail(`Left alone: ${ignored.join(', ')} of the buildpack's bin/release`)
    return processTypes
  }

  async #discover(defaults: ProcessTypes): Promise<ProcessTypes> {
    this.#log.step('Discovering process types')
    const declared = await readProcfile(this.#request.sourceDirectory)
    this.#log.detail(`Procfile declares types     -> ${Object.keys(declared).sort().join(', ') || '(none)'}`)
    if (Object.keys(defaults).length > 0)
      this.#log.detail(`Default types for buildpack -> ${Object.keys(defaults).sort().join(', ')}`)
    return { ...defaults, ...declared }
  }

  async #store(processTypes: ProcessTypes): Promise<StoredImage> {
    const { sourceDirectory, stack, sourceVersion } = this.#request
    const { store, limits } = this.#options
    this.#log.raw('-----> Compressing...')
    try {
      const layers = await layersOf(sourceDirectory)
      const image = await store.put(
        { layers, processTypes, stack, commit: sourceVersion },
        limits.slugBytes,
        this.#signal,
      )
      this.#log.raw(` done, ${byteSize(image.size)}\n`)
      return image
    } catch (error) {
      this.#log.raw('\n')
      if (error instanceof ImageTooLarge)
        throw new BuildFailure(
          `Compiled slug size: ${byteSize(error.size)} is too large (max is ${limitSize(limits.slugBytes)}).`,
          { cause: error },
        )
      if (error instanceof ArchiveFault) throw new BuildFailure(error.message, { cause: error })
      throw error
    }
  }

  /** Runs a script whose output is for us; what it complains about is for the person pushing. */
  async #capture(command: readonly string[]): Promise<{ status: number; text: string }> {
    let text = ''
    const stdout = {
      write: (chunk: Buffer) => {
        if (text.length < MAX_ANSWER) text += chunk.toString()
      },
      end: () => {},
    }
    const status = await this.#run(command, { stdout, stderr: this.#log.stream() })
    return { status, text }
  }

  #run(
    command: readonly string[],
    outputs: Pick<Parameters<typeof runProgram>[0], 'stdout' | 'stderr'>,
  ): Promise<number> {
    const confined = this.#workspace.confine(command)
    return runProgram({ sandbox: this.#options.sandbox, confined, ...outputs }, this.#signal)
  }
}

/** Characters read of what `detect` and `release` print. */
const MAX_ANSWER = 100_000

/** Sources the `export` files of the buildpacks before, as many as `$1` says, and becomes the rest of the arguments. */
const SOURCE_EXPORTS =
  'count=$1; shift; while [ "$count" -gt 0 ]; do [ -f "$1" ] && . "$1"; shift; count=$((count - 1)); done; exec "$@"'

function capitalised(stack: string): string {
  return stack.charAt(0).toUpperCase() + stack.slice(1)
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
