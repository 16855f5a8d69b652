import type Docker from 'dockerode'
import { ask, PLATFORM_LABEL, statusOf, unlessAbsent } from '../../../docker/engine.ts'
import { ImageLoader, type ImagesOptions, type On, type WantedImage } from './image-loader.ts'
import { IMAGE_LABEL, imageName, LAYER_LABEL, layerKeys, nameChecker, REPOSITORY } from './image-names.ts'
import { removeImage } from './loading.ts'

/**
 * Artifacts as images of the engine: each layer of ours on top of the one below, the lowest on the stack's image. A
 * layer that is there already, in whichever image, is not loaded again.
 */
export class Images {
  readonly #engine: Docker
  readonly #options: ImagesOptions
  readonly #loader: ImageLoader
  /** One image is loaded at a time, and none while images are removed. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(engine: Docker, options: ImagesOptions) {
    this.#engine = engine
    this.#options = options
    this.#loader = new ImageLoader(engine, options)
  }

  /**
   * The image for `wanted`, by its name, which is loaded when the engine lacks it or calls another one so. Rejects with why
   * there is none.
   */
  async ensure(wanted: WantedImage, signal: AbortSignal): Promise<{ name: string; wasThere: boolean }> {
    const stack = wanted.stackImage === null ? null : await this.#stack(wanted.stackImage)
    const { digest, identity } = wanted
    const name = imageName({ key: this.#options.key, digest, stack, uid: identity.uid })
    if (await this.#isThere(name, wanted, { stack, signal })) return { name, wasThere: true }
    const turn = this.#turn.then(async () => {
      signal.throwIfAborted()
      if (await this.#isThere(name, wanted, { stack, signal })) return true
      if (stack === null) await this.#loader.whole(name, wanted, signal)
      else await this.#loader.layered(name, wanted, { stack, signal })
      return false
    })
    this.#turn = turn.catch(() => {})
    return { name, wasThere: await turn }
  }

  /** Removes the images of artifacts other than `keep`, but for those a container still uses. */
  prune(keep: readonly string[]): Promise<void> {
    const turn = this.#turn.then(() => this.#prune(keep))
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Removes what a control plane that was killed left half loaded. */
  sweep(): Promise<void> {
    return this.#loader.sweep()
  }

  async #stack(name: string): Promise<string> {
    try {
      return (await ask('look for the stack', this.#engine.getImage(name).inspect())).Id
    } catch (error) {
      if (statusOf(error) !== 404) throw error
      throw new Error(
        `The Docker engine does not have the stack image ${name}, and pulls none. Put it there (docker build, docker load), or name another in the settings.`,
        { cause: error },
      )
    }
  }

  /** Whether the image of that name is the one we called so: anybody may have given the name to another. */
  async #isThere(name: string, { digest, identity }: WantedImage, on: On): Promise<boolean> {
    const { platform, key } = this.#options
    const labels = await this.#labels(name)
    if (labels?.[PLATFORM_LABEL] !== platform) return false
    if (labels[IMAGE_LABEL] === digest) return true
    if (on.stack === null) return false
    // Artifacts of the same layers share an image, which says it of one of them.
    const directories = await this.#loader.directories(digest, on.signal)
    const keys = layerKeys({ key, stack: on.stack, uid: identity.uid }, directories)
    return labels[LAYER_LABEL] === keys.at(-1)
  }

  /** The labels of an image; undefined when there is none of that name. */
  async #labels(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    const image = await unlessAbsent(ask('look for an image', this.#engine.getImage(name).inspect()))
    return image && (image.Config.Labels ?? {})
  }

  async #prune(keep: readonly string[]): Promise<void> {
    const ours = `${PLATFORM_LABEL}=${this.#options.platform}`
    const isKept = nameChecker(this.#options.key, keep)
    const named = await ask(
      'list images',
      this.#engine.listImages({ filters: { label: [ours, LAYER_LABEL] } }),
    )
    for (const name of named.flatMap(({ RepoTags }) => RepoTags ?? [])) {
      // Artifacts of the same layers share an image, which has a name for each.
      if (name.startsWith(`${REPOSITORY}:`) && !isKept(name)) await removeImage(this.#engine, name)
    }
    // Left by a load that was cut short: no image stands on them.
    const dangling = { dangling: ['true'], label: [ours, LAYER_LABEL] }
    const left = await ask('list images', this.#engine.listImages({ filters: dangling }))
    for (const { Id } of left) await removeImage(this.#engine, Id)
  }
}
