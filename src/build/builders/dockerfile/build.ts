import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import type { ArtifactStore } from '../../../artifacts/store.ts'
import { CONTAINER_STACK } from '../../../core/app.ts'
import type { ProcessTypes } from '../../../core/procfile.ts'
import type { Instant } from '../../../core/time.ts'
import { ask } from '../../../docker/engine.ts'
import { BuildFailure, type BuildOutput, type BuildRequest, type BuildResult } from '../../builder.ts'
import { BuildLog } from '../build-log.ts'
import { byteSize } from '../byte-size.ts'
import { BaseImages } from './base-images.ts'
import { buildFault } from './build-fault.ts'
import { packContext } from './context.ts'
import { buildInEngine, EngineBuildFault, removeContainers } from './engine-build.ts'
import { exportFromEngine } from './engine-export.ts'
import type { EngineMessage } from './engine-messages.ts'
import { type EngineLimits, engineOptions } from './engine-options.ts'
import { imageTypes } from './image-types.ts'
import { saysWhatToRun } from './instructions.ts'
import type { MadeImages } from './made-images.ts'
import { ociLayout } from './oci-layout.ts'
import { type Plan, planOf } from './plan.ts'
import { BuildProgress } from './progress.ts'

export interface DockerfileBuildOptions {
  store: Pick<ArtifactStore, 'importImage'>
  network: string | null
  limits: EngineLimits & { imageBytes: number; outputBytes: number; lineLength: number }
  images: MadeImages
  onTrouble: (trouble: { doing: string; error: unknown }) => void
}

/** One build of an image in the engine, and its way into the artifact store. */
export class DockerfileBuild {
  readonly #request: BuildRequest
  readonly #options: DockerfileBuildOptions
  readonly #log: BuildLog
  readonly #signal: AbortSignal
  /** Ids of the images of the engine that later builds may take steps from. */
  readonly steps = new Set<string>()

  constructor(
    request: BuildRequest,
    options: DockerfileBuildOptions,
    { output, signal }: { output: BuildOutput; signal: AbortSignal },
  ) {
    const { outputBytes, lineLength } = options.limits
    this.#request = request
    this.#options = options
    this.#log = new BuildLog(output, { total: outputBytes, line: lineLength })
    this.#signal = signal
  }

  /** Reads what is to be built, before the engine is asked for anything. */
  async plan(): Promise<Plan> {
    const plan = await planOf(this.#request.sourceDirectory, this.#request.sourceVersion)
    for (const remark of plan.manifest?.remarks ?? []) this.#log.remark(remark)
    this.#log.step(`Building with ${plan.dockerfile}`)
    return plan
  }

  async run(engine: Docker, plan: Plan): Promise<BuildResult> {
    const id = await this.#build(engine, plan)
    const image = await ask('describe the image', engine.getImage(id).inspect())
    // The engine cannot hand it out, and nothing could run in it.
    if ((image.RootFS.Layers ?? []).length === 0)
      throw new BuildFailure('The image holds no files. COPY what the app needs, or begin FROM an image.')
    const processTypes = this.#discover(plan, image)
    const { digest, size } = await this.#store(engine, id, processTypes)
    return {
      digest,
      size,
      processTypes,
      kind: 'oci-image',
      stack: CONTAINER_STACK,
      buildpacks: [],
      buildpackDescription: plan.manifest ? 'heroku.yml' : 'Dockerfile',
    }
  }

  async #build(engine: Docker, plan: Plan): Promise<string> {
    const { appId } = this.#request
    const begunAt = Date.parse((await ask('say its time', engine.info())).SystemTime)
    const containers = new Set<string>()
    let noted = Promise.resolve()
    const progress = new BuildProgress(this.#log, plan.instructions, {
      onContainer: id => containers.add(id),
      onImage: id => {
        this.steps.add(id)
        noted = noted.then(() => this.#note(id, begunAt))
      },
    })
    const tag = this.#options.images.tagOf(appId)
    const options = engineOptions(plan, { ...this.#options, tag, useCache: await this.#takeCache() })
    const bases = new BaseImages(engine, plan.bases)
    const signal = AbortSignal.any([this.#signal, bases.refused])
    const onMessage = (message: EngineMessage): void => {
      progress.take(message)
      bases.take(message)
    }
    try {
      const id = await buildInEngine(
        { engine, context: packContext(plan.context), options, onMessage },
        signal,
      )
      await bases.seen()
      return id
    } catch (error) {
      if (signal.aborted) await removeContainers(engine, containers, begunAt)
      if (!(error instanceof EngineBuildFault)) throw error
      const place = {
        file: plan.dockerfile,
        instruction: progress.instruction,
        isTriggered: progress.isTriggered,
      }
      throw new BuildFailure(buildFault(error.message, place), { cause: error })
    } finally {
      progress.end()
      await noted
    }
  }

  #discover({ manifest, procfile, instructions }: Plan, { Config }: Docker.ImageInspectInfo): ProcessTypes {
    this.#log.step('Discovering process types')
    const { types, origin, remarks } = imageTypes({
      manifest,
      procfile,
      image: { entrypoint: [Config.Entrypoint ?? []].flat(), cmd: Config.Cmd ?? [] },
      saysWhatToRun: saysWhatToRun(instructions),
    })
    this.#log.detail(`${origin} declares types -> ${Object.keys(types).sort().join(', ') || '(none)'}`)
    for (const remark of remarks) this.#log.remark(remark)
    return types
  }

  async #store(engine: Docker, id: string, types: ProcessTypes): Promise<{ digest: string; size: number }> {
    const { store, limits } = this.#options
    const maxBytes = limits.imageBytes
    const directory = join(this.#request.workDirectory, 'image')
    await mkdir(directory)
    this.#log.raw('-----> Storing the image...')
    try {
      const spool = await exportFromEngine(engine, id, { directory, maxBytes }, this.#signal)
      const layout = ociLayout(spool, {
        labels: { 'tidemark.process-types': JSON.stringify(types), 'tidemark.stack': CONTAINER_STACK },
        revision: this.#request.sourceVersion,
      })
      const image = await store.importImage(layout, { maxBytes }, this.#signal)
      this.#log.raw(` done, ${byteSize(image.size)}\n`)
      return image
    } catch (error) {
      this.#log.raw('\n')
      throw error
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  /** An image that was not written down is left behind in the engine: no reason to fail. */
  async #note(id: string, begunAt: Instant): Promise<void> {
    const { images, onTrouble } = this.#options
    await images
      .note(this.#request.appId, id, begunAt)
      .catch(error => onTrouble({ doing: 'write down an image of a build', error }))
  }

  /** Whether there is a cache to use. Whoever purges the app's takes a file of ours away, and the engine begins anew. */
  async #takeCache(): Promise<boolean> {
    const { cacheDirectory } = this.#request
    // It goes with all that is in it, also while a build begins.
    await mkdir(cacheDirectory, { recursive: true, mode: 0o711 })
    const file = await open(join(cacheDirectory, 'dockerfile'), 'wx').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined
      throw error
    })
    await file?.close()
    return file === undefined
  }
}
