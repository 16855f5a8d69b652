import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { packTree } from '../../../archive/pack.ts'
import { readTree } from '../../../archive/tree.ts'
import type { Duration } from '../../../core/time.ts'
import { ask, PLATFORM_LABEL } from '../../../docker/engine.ts'
import { removeContainer } from '../../../docker/remove-container.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import { IMAGE_LABEL, LAYER_LABEL, layerKeys, wholeKey } from './image-names.ts'
import { isRoot } from './image-user.ts'
import { DYNO_LABEL } from './labels.ts'
import { Loading } from './loading.ts'
import { pathIn } from './path-in.ts'

/** A layer may be large, and the engine's disk slow. */
const LOAD_LIMIT: Duration = 600_000

export interface ImagesOptions {
  /** Of this platform, for good: what carries it in the engine is ours, and all else is left alone. */
  platform: string
  /** The platform's own, by which its images have names that nobody else can tell. */
  key: Uint8Array
  /** The unpacked layers of an image, lowest first, each with its files below `app/`. Rejects with why there are none. */
  layers(digest: string, signal: AbortSignal): Promise<readonly string[]>
  /** The whole of an image, as an OCI image layout. */
  archive(digest: string, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** A directory for this driver alone, with room for an image. */
  directory: string
}

/** An artifact as it is to run. */
export interface WantedImage {
  digest: string
  /** What it runs on, its files owned by the app's user; null for one that brings a system of its own, and runs as it is. */
  stackImage: string | null
  identity: Identity
}

export interface On {
  /** The id of the stack's image; null for an image that brings its own system. */
  stack: string | null
  signal: AbortSignal
}

interface Onto {
  /** The image below. */
  parent: string
  labels: Readonly<Record<string, string>>
}

/** Makes images of the engine from artifacts. A layer that is there already, in whichever image, is not loaded again. */
export class ImageLoader {
  readonly #engine: Docker
  readonly #options: ImagesOptions
  readonly #loading: Loading

  constructor(engine: Docker, options: ImagesOptions) {
    this.#engine = engine
    this.#options = options
    this.#loading = new Loading(engine, options)
  }

  async layered(
    name: string,
    { digest, identity }: WantedImage,
    { stack, signal }: { stack: string; signal: AbortSignal },
  ): Promise<void> {
    const directories = await this.directories(digest, signal)
    const keys = layerKeys({ key: this.#options.key, stack, uid: identity.uid }, directories)
    const known = await this.#knownLayers()
    let parent = stack
    for (const [index, directory] of directories.entries()) {
      signal.throwIfAborted()
      const key = keys[index] ?? ''
      const isTop = index === directories.length - 1
      // Said outright: an image has the labels of the one below as well.
      const labels = { [LAYER_LABEL]: key, [IMAGE_LABEL]: isTop ? digest : '' }
      parent = known.get(key) ?? (await this.#add(directory, identity, { parent, labels }))
    }
    await this.#tag(parent, name)
  }

  /**
   * An image that runs as it is, but as the app's user in place of root. Its own labels are part of it, so ours are on an
   * empty layer above.
   */
  async whole(name: string, { digest, identity }: WantedImage, signal: AbortSignal): Promise<void> {
    const { key, archive } = this.#options
    const labels = { [LAYER_LABEL]: wholeKey({ key, digest }), [IMAGE_LABEL]: digest }
    await this.#loading.using({ digest, archive: archive(digest, signal) }, signal, async loaded => {
      const container = await this.#container({ parent: loaded, labels })
      try {
        await requireShell(container)
        const { Config } = await ask('look at an image', container.inspect())
        const { uid, gid } = identity
        const changes = (await isRoot(Config.User, container)) ? { changes: `USER ${uid}:${gid}` } : {}
        const kept = container.commit({ pause: false, ...changes })
        const { Id } = await ask('keep an image', kept, LOAD_LIMIT)
        await this.#tag(Id as string, name)
      } finally {
        await this.#discard(container.id)
      }
    })
  }

  /** An artifact without layers still has its directory. */
  async directories(digest: string, signal: AbortSignal): Promise<readonly string[]> {
    const found = await this.#options.layers(digest, signal)
    return found.length > 0 ? found : ['']
  }

  /** Removes what a control plane that was killed left half loaded. */
  async sweep(): Promise<void> {
    const filters = { label: [`${PLATFORM_LABEL}=${this.#options.platform}`, LAYER_LABEL] }
    const containers = await ask('list containers', this.#engine.listContainers({ all: true, filters }))
    for (const { Id, Labels } of containers) {
      if (Labels[DYNO_LABEL] === undefined) await this.#discard(Id)
    }
    await this.#loading.sweep()
  }

  async #tag(image: string, name: string): Promise<void> {
    const [repo = '', tag = ''] = name.split(':')
    await ask('name an image', this.#engine.getImage(image).tag({ repo, tag }))
  }

  /** The images of ours by what they are made of. */
  async #knownLayers(): Promise<ReadonlyMap<string, string>> {
    const filters = { label: [`${PLATFORM_LABEL}=${this.#options.platform}`, LAYER_LABEL] }
    const images = await ask('list images', this.#engine.listImages({ all: true, filters }))
    return new Map(images.map(({ Id, Labels }) => [Labels?.[LAYER_LABEL] ?? '', Id]))
  }

  /** One more layer on top of `parent`. Returns the image it makes. */
  async #add(directory: string, identity: Identity, onto: Onto): Promise<string> {
    const app = join(directory, 'app')
    const entries =
      directory !== '' && existsSync(app) ? await readTree({ directory: app, at: '', exclude: [] }) : []
    const container = await this.#container(onto)
    try {
      const tar = Readable.from(packTree(entries, 'app', identity))
      await ask('take a layer', container.putArchive(tar, { path: '/' }), LOAD_LIMIT)
      const { Id } = await ask('keep a layer', container.commit({ pause: false }), LOAD_LIMIT)
      return Id as string
    } finally {
      await this.#discard(container.id)
    }
  }

  /** It never runs: its files become the layer, its labels those of the image. */
  #container({ parent, labels }: Onto): Promise<Docker.Container> {
    const making = this.#engine.createContainer({
      Image: parent,
      Cmd: ['true'],
      NetworkDisabled: true,
      Labels: { [PLATFORM_LABEL]: this.#options.platform, ...labels },
    })
    return ask('make room for a layer', making)
  }

  async #discard(container: string): Promise<void> {
    // What stays is swept away by the next control plane.
    await removeContainer(this.#engine, container).catch(() => {})
  }
}

async function requireShell(container: Docker.Container): Promise<void> {
  if ((await pathIn(container, '/bin/sh')) === undefined)
    throw new Error(
      'The image has no /bin/sh, with which commands are run. Start it from an image that has one.',
    )
}
