import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { packTree } from '../../../archive/pack.ts'
import { readTree } from '../../../archive/tree.ts'
import type { Duration } from '../../../core/time.ts'
import { ask, PLATFORM_LABEL, statusOf } from '../../../docker/engine.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import { DYNO_LABEL } from './labels.ts'
import { Loading, removeImage } from './loading.ts'

const REPOSITORY = 'tidemark/app'
/** On images: the digest of the artifact that one runs. */
const IMAGE_LABEL = 'tidemark.image'
/** On images, and on containers while they become one: what it is made of. */
const LAYER_LABEL = 'tidemark.layer'
/** A layer may be large, and the engine's disk slow. */
const LOAD_LIMIT: Duration = 600_000

export interface ImagesOptions {
  /** Of this platform, for good: what carries it in the engine is ours, and all else is left alone. */
  platform: string
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

interface Onto {
  /** The image below. */
  parent: string
  labels: Readonly<Record<string, string>>
}

/**
 * Artifacts as images of the engine: each layer of ours on top of the one below, the lowest on the stack's image. A
 * layer that is there already, in whichever image, is not loaded again.
 */
export class Images {
  readonly #engine: Docker
  readonly #options: ImagesOptions
  readonly #loading: Loading
  /** One image is loaded at a time, and none while images are removed. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(engine: Docker, options: ImagesOptions) {
    this.#engine = engine
    this.#options = options
    this.#loading = new Loading(engine, options)
  }

  /** The name of the image for `wanted`, which is loaded when the engine lacks it. Rejects with why there is none. */
  async ensure(wanted: WantedImage, signal: AbortSignal): Promise<string> {
    const stack = wanted.stackImage === null ? null : await this.#stack(wanted.stackImage)
    const { platform } = this.#options
    const name = `${REPOSITORY}:${shorten(wanted.digest)}-${keyOf(platform, stack ?? '', wanted.identity.uid, wanted.digest).slice(0, 12)}`
    if (await this.#has(name)) return name
    const turn = this.#turn.then(async () => {
      signal.throwIfAborted()
      if (await this.#has(name)) return
      if (stack === null) await this.#loadWhole(name, wanted.digest, signal)
      else await this.#load(name, wanted, { stack, signal })
    })
    this.#turn = turn.catch(() => {})
    await turn
    return name
  }

  /** Removes the images of artifacts other than `keep`, but for those a container still uses. */
  prune(keep: readonly string[]): Promise<void> {
    const turn = this.#turn.then(() => this.#prune(keep))
    this.#turn = turn.catch(() => {})
    return turn
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

  async #has(name: string): Promise<boolean> {
    try {
      await ask('look for an image', this.#engine.getImage(name).inspect())
      return true
    } catch (error) {
      if (statusOf(error) === 404) return false
      throw error
    }
  }

  async #load(
    name: string,
    { digest, identity }: WantedImage,
    { stack, signal }: { stack: string; signal: AbortSignal },
  ): Promise<void> {
    const found = await this.#options.layers(digest, signal)
    // An artifact without layers still has its directory.
    const directories = found.length > 0 ? found : ['']
    const known = await this.#knownLayers()
    let parent = stack
    let key = keyOf(this.#options.platform, stack, identity.uid)
    for (const [index, directory] of directories.entries()) {
      signal.throwIfAborted()
      // A layer's directory is named by its content, and never changes.
      key = keyOf(key, directory)
      const isTop = index === directories.length - 1
      const labels = { [LAYER_LABEL]: key, ...(isTop ? { [IMAGE_LABEL]: digest } : {}) }
      parent = known.get(key) ?? (await this.#add(directory, identity, { parent, labels }))
    }
    await this.#tag(parent, name)
  }

  /** An image that runs as it is. Its own labels are part of it, so ours are on an empty layer above. */
  async #loadWhole(name: string, digest: string, signal: AbortSignal): Promise<void> {
    const { platform, archive } = this.#options
    const labels = { [LAYER_LABEL]: keyOf(platform, digest), [IMAGE_LABEL]: digest }
    await this.#loading.using({ digest, archive: archive(digest, signal) }, signal, async loaded => {
      const container = await this.#container({ parent: loaded, labels })
      try {
        await requireShell(container)
        const { Id } = await ask('keep an image', container.commit({ pause: false }), LOAD_LIMIT)
        await this.#tag(Id as string, name)
      } finally {
        await this.#discard(container.id)
      }
    })
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
    const removal = this.#engine.getContainer(container).remove({ force: true, v: true })
    // What stays is swept away by the next control plane.
    await ask('remove a container', removal).catch(() => {})
  }

  async #prune(keep: readonly string[]): Promise<void> {
    const ours = `${PLATFORM_LABEL}=${this.#options.platform}`
    const kept = new Set(keep.map(digest => `${REPOSITORY}:${shorten(digest)}`))
    const isKept = (name: string) => kept.has(name.slice(0, name.lastIndexOf('-')))
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

async function requireShell(container: Docker.Container): Promise<void> {
  try {
    await ask('look for a shell', container.infoArchive({ path: '/bin/sh' }))
  } catch (error) {
    if (statusOf(error) !== 404) throw error
    throw new Error(
      'The image has no /bin/sh, with which commands are run. Start it from an image that has one.',
      { cause: error },
    )
  }
}

function shorten(digest: string): string {
  return digest
    .replace(/^sha256:/, '')
    .replace(/[^\w.-]/g, '-')
    .slice(0, 64)
}

function keyOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
