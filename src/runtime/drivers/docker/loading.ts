import { createHash } from 'node:crypto'
import { mkdir, mkdtempDisposable, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { ask, statusOf } from '../../../docker/engine.ts'
import { loadImage } from '../../../docker/load-image.ts'
import { unguessable } from '../../../docker/unguessable.ts'

/** Names of images until they carry our labels: what is loaded as it is has only its own. */
const REPOSITORY = 'tidemark/loading'
const ROOM = 'loading-'

export interface LoadingOptions {
  platform: string
  /** The platform's own, by which an image has a name that nobody else can tell. */
  key: Uint8Array
  /** A directory for this driver alone, with room for an image. */
  directory: string
}

/** The name of an image that is on its way: of this platform, so that no other one takes it away. */
export function loadingName({ platform, key }: Omit<LoadingOptions, 'directory'>, digest: string): string {
  return `${prefix(platform)}${unguessable(key, 'loading', digest).slice(0, 40)}`
}

/** Images on their way into the engine, and what a kill leaves of them. */
export class Loading {
  readonly #engine: Docker
  readonly #options: LoadingOptions

  constructor(engine: Docker, options: LoadingOptions) {
    this.#engine = engine
    this.#options = options
  }

  /** Loads an image, an OCI image layout, for `use` alone: afterwards its name is gone. */
  async using(
    { digest, archive }: { digest: string; archive: AsyncIterable<Uint8Array> },
    signal: AbortSignal,
    use: (name: string) => Promise<void>,
  ): Promise<void> {
    const { directory } = this.#options
    const name = loadingName(this.#options, digest)
    await mkdir(directory, { recursive: true })
    await using room = await mkdtempDisposable(join(directory, ROOM))
    try {
      await loadImage(this.#engine, archive, { name, directory: room.path, signal })
      await use(name)
    } finally {
      await removeImage(this.#engine, name)
    }
  }

  /** Removes what a control plane that was killed left: nothing is on its way. */
  async sweep(): Promise<void> {
    const { platform, directory } = this.#options
    const images = await ask('list images', this.#engine.listImages({ filters: { reference: [REPOSITORY] } }))
    for (const name of images.flatMap(({ RepoTags }) => RepoTags ?? []))
      if (name.startsWith(prefix(platform))) await removeImage(this.#engine, name)
    for (const name of await readdir(directory))
      if (name.startsWith(ROOM)) await rm(join(directory, name), { recursive: true, force: true })
  }
}

/** Removes an image, or one of its names; what is needed stays. */
export async function removeImage(engine: Docker, name: string): Promise<void> {
  try {
    await ask('remove an image', engine.getImage(name).remove())
  } catch (error) {
    // 409: a container uses it, or another image stands on it.
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error
  }
}

function prefix(platform: string): string {
  return `${REPOSITORY}:${createHash('sha256').update(platform).digest('hex').slice(0, 16)}-`
}
