import type Docker from 'dockerode'
import { ask, unlessAbsent } from '../../../docker/engine.ts'
import { BuildFailure } from '../../builder.ts'
import type { EngineMessage } from './engine-messages.ts'
import { MAY_BE_ID, namedByTrigger } from './image-ids.ts'

/** What the engine says when an image that a build starts from has instructions of its own for that. */
const TRIGGERED = /^# Executing \d+ build trigger/

/** What the engine may have an image by: anything else would be another question to it. */
const NAME = /^\w(?:[\w.:@+-]|\/(?=\w))*$/

/** There is no such image, or could be none: a variable may make half a name. */
const NONE = [400, 404]

/**
 * Looks at the images that a build starts from once the engine carries out what one of them brings along (ONBUILD), which
 * no Dockerfile of the app shows. Only now are those there that were pulled; the build goes on meanwhile, but nothing
 * comes of one that is refused.
 */
export class BaseImages {
  readonly #engine: Docker
  readonly #names: readonly string[]
  readonly #refusal = new AbortController()
  /** One look after the other; what is said while one waits has it look for all. */
  #looking: Promise<void> = Promise.resolve()
  #isWaiting = false

  /** `names` are those that it may start from: some are no images. */
  constructor(engine: Docker, names: ReadonlySet<string>) {
    this.#engine = engine
    this.#names = [...names].filter(name => NAME.test(name))
  }

  /** Aborts with the reason when one of them is none that an app may start from. */
  get refused(): AbortSignal {
    return this.#refusal.signal
  }

  take({ stream = '' }: EngineMessage): void {
    // Whatever a program prints like it: a look more does no harm.
    if (!TRIGGERED.test(stream) || this.#isWaiting) return
    this.#isWaiting = true
    this.#looking = this.#looking.then(() => this.#look()).catch(error => this.#refusal.abort(error))
  }

  /** Resolves when all were looked at that there was a reason to, and may be started from. */
  async seen(): Promise<void> {
    await this.#looking
    this.refused.throwIfAborted()
  }

  async #look(): Promise<void> {
    this.#isWaiting = false
    // One that is refused waits for none of the others.
    await Promise.all(this.#names.map(name => this.#lookAt(name)))
  }

  async #lookAt(name: string): Promise<void> {
    const image = this.#engine.getImage(name)
    const found = await unlessAbsent(ask('look at the image a build starts from', image.inspect()), NONE)
    const triggers = (found?.Config.OnBuild as readonly string[] | null | undefined) ?? []
    const bad = triggers.find(trigger => namedByTrigger(trigger) !== undefined)
    if (bad !== undefined) throw new BuildFailure(forbidden(bad))
  }
}

function forbidden(trigger: string): string {
  return `The image it starts FROM says ONBUILD ${trigger}: that ${MAY_BE_ID} Start from another image.`
}
