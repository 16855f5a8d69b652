import type Docker from 'dockerode'
import { type ArtifactStore, ImageRefused, ImageTooLarge } from '../../../artifacts/store.ts'
import { type Duration, minutes, spoken } from '../../../core/time.ts'
import { EngineUnavailable } from '../../../docker/engine.ts'
import { ArchiveTooLarge } from '../../../docker/spool.ts'
import { type Builder, BuildFailure } from '../../builder.ts'
import { byteSize, limitSize } from '../byte-size.ts'
import { Apart } from './apart.ts'
import { DockerfileBuild } from './build.ts'
import { MadeImages } from './made-images.ts'

export interface DockerfileLimits {
  duration: Duration
  /** Bytes of the image's layers, as stored. */
  imageBytes: number
  /** Bytes of output. */
  outputBytes: number
  /** Characters of one line of output. */
  lineLength: number
  /** What a step of the build may use of the machine; null for all of it. */
  memoryBytes: number | null
  cpus: number | null
}

export const DOCKERFILE_LIMITS: DockerfileLimits = {
  duration: minutes(15),
  imageBytes: 2_000_000_000,
  outputBytes: 20_000_000,
  lineLength: 10_000,
  memoryBytes: null,
  cpus: null,
}

export interface DockerfileBuilderOptions {
  store: Pick<ArtifactStore, 'importImage'>
  /** Connects to the engine. Called at every build, for an engine may come later than the platform. */
  connect: () => Promise<Docker>
  /** The platform's own, by which its images have names that nobody else can tell. */
  key: Uint8Array
  /** Keeps what {@link MadeImages} remembers. */
  imagesDirectory: string
  /** The engine's network in which the steps run (`bridge`, `none`, a name); null for the engine's default. */
  network: string | null
  limits: DockerfileLimits
  onTrouble: (trouble: { doing: string; error: unknown }) => void
}

export interface DockerfileBuilder extends Builder {
  /**
   * Removes from the engine what is left there of the builds of apps that are not among the `living`, who are asked for
   * once no build runs: an app that begins to build then waits.
   */
  sweep(living: () => Promise<ReadonlySet<string>>): Promise<void>
}

/** Builds with a Dockerfile, in a Docker engine. What an app's config vars say is not seen by its builds. */
export function dockerfileBuilder(options: DockerfileBuilderOptions): DockerfileBuilder {
  const images = new MadeImages({ ...options, directory: options.imagesDirectory })
  const apart = new Apart()

  function tidyUp(engine: Docker, appId: string, keep: ReadonlySet<string>): Promise<void> {
    return apart
      .removeIfIdle(() => images.clean(engine, appId, keep))
      .catch(error => options.onTrouble({ doing: 'remove images of a build', error }))
  }

  return {
    async build(request, output, signal) {
      const deadline = AbortSignal.timeout(options.limits.duration)
      const streams = { output, signal: AbortSignal.any([signal, deadline]) }
      const build = new DockerfileBuild(request, { ...options, images }, streams)
      try {
        const { engine, result } = await apart.build(async () => {
          const plan = await build.plan()
          const engine = await options.connect()
          return { engine, result: await build.run(engine, plan) }
        }, streams.signal)
        await tidyUp(engine, request.appId, build.steps)
        return result
      } catch (error) {
        signal.throwIfAborted()
        throw deadline.aborted ? new BuildFailure(late(options.limits)) : failure(error, options.limits)
      }
    },

    sweep: living =>
      apart.remove(async () => {
        const keep = await living()
        if ((await images.apps()).length > 0) await images.sweep(await options.connect(), keep)
      }),
  }
}

function late({ duration }: DockerfileLimits): string {
  return `The build took longer than ${spoken(duration)} and was stopped. Make it do less, or find out what it waits for.`
}

function failure(error: unknown, { imageBytes }: DockerfileLimits): unknown {
  if (error instanceof ImageTooLarge || error instanceof ArchiveTooLarge)
    return new BuildFailure(
      `The image is too large: ${byteSize(error.size)} (max is ${limitSize(imageBytes)}). Leave out what the app does not need, or start from a smaller image.`,
      { cause: error },
    )
  if (error instanceof EngineUnavailable)
    return new BuildFailure(`${error.message} It builds this app: get it going, then deploy again.`, {
      cause: error,
    })
  if (error instanceof ImageRefused)
    return new BuildFailure(`The image cannot be kept. ${error.message}`, { cause: error })
  return error
}
