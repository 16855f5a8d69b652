import type Docker from 'dockerode'
import { ask, statusOf } from '../../../docker/engine.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import type { DynoSpec } from '../../driver.ts'
import { container, ownContainer } from './container.ts'
import type { HeldNetwork } from './container-network.ts'
import type { WantedImage } from './image-loader.ts'
import type { Images } from './images.ts'
import type { Labelled } from './labels.ts'
import type { Networks } from './networks.ts'

/** An image may be removed between being looked for and being used. */
const ATTEMPTS = 3

export interface ContainersOptions {
  platform: string
  /** The image of a stack, which the engine must have; null for images that bring their own system, undefined for a stack nobody named one for. */
  stackImage(stack: string): string | null | undefined
  /** Who an app's dynos run as: never root. */
  identity(appId: string): Identity
}

/** What of an artifact says which image it runs as. */
export interface RunArtifact {
  appId: string
  digest: string
  stack: string
}

/** Makes the containers of dynos: each of its image, in its app's network. */
export class Containers {
  readonly #engine: Docker
  readonly #options: ContainersOptions
  readonly #images: Images
  readonly #networks: Networks

  constructor(
    engine: Docker,
    options: ContainersOptions,
    { images, networks }: { images: Images; networks: Networks },
  ) {
    this.#engine = engine
    this.#options = options
    this.#images = images
    this.#networks = networks
  }

  /**
   * Makes a container that nobody has started yet; `made` hears of it, and of the network another one holds for it, while
   * its app's network is sure to stay.
   */
  async make(
    spec: DynoSpec,
    { startedAt }: Pick<Labelled, 'startedAt'>,
    { signal, made }: { signal: AbortSignal; made: (container: string, network: HeldNetwork | null) => void },
  ): Promise<void> {
    const { platform } = this.#options
    const { appId, image: digest, environment, listens } = spec
    const wanted = this.#wanted({ appId, digest, stack: environment.STACK ?? '' })
    const { identity } = wanted
    for (let attempt = 1; ; attempt++) {
      const { name: image } = await this.#images.ensure(wanted, signal)
      try {
        return await this.#networks.using({ appId, listens }, async ({ network, held }) => {
          const given = { spec, image, network, platform, startedAt }
          const options = wanted.stackImage === null ? ownContainer(given) : container({ ...given, identity })
          const { id } = await ask(`make ${spec.name}`, this.#engine.createContainer(options))
          made(id, held)
        })
      } catch (error) {
        if (statusOf(error) !== 404 || attempt === ATTEMPTS) throw error
      }
    }
  }

  /** Sees to it that the engine has the image of an artifact. Answers whether it had. */
  async ensureImage(artifact: RunArtifact, signal: AbortSignal): Promise<boolean> {
    return (await this.#images.ensure(this.#wanted(artifact), signal)).wasThere
  }

  #wanted({ appId, digest, stack }: RunArtifact): WantedImage {
    const stackImage = this.#options.stackImage(stack)
    if (stackImage === undefined)
      throw new Error(
        `No Docker image is named for the stack ${JSON.stringify(stack)}. Name one in the settings.`,
      )
    return { digest, stackImage, identity: this.#options.identity(appId) }
  }
}
