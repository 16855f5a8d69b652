import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import type { ArtifactStore } from '../../src/artifacts/store.ts'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import type { BuildRequest, BuildResult } from '../../src/build/builder.ts'
import {
  DOCKERFILE_LIMITS,
  type DockerfileLimits,
  dockerfileBuilder,
} from '../../src/build/builders/dockerfile/dockerfile.ts'
import { MadeImages } from '../../src/build/builders/dockerfile/made-images.ts'

/** An image of one static program, made here: nothing is pulled. */
export const BUSYBOX_IMAGE = 'tidemark-test/busybox:1'
/** Of Debian's package busybox-static. */
export const BUSYBOX = '/bin/busybox'
const PROGRAMS = [
  'sh',
  'cat',
  'echo',
  'env',
  'find',
  'ls',
  'mkdir',
  'mknod',
  'printf',
  'rm',
  'seq',
  'sleep',
  'test',
  'touch',
  'true',
  'wget',
  'head',
  'dd',
]

/** Makes {@link BUSYBOX_IMAGE} when the engine does not have it. */
async function installBusybox(engine: Docker): Promise<void> {
  const present = await engine.listImages({ filters: { reference: [BUSYBOX_IMAGE] } })
  if (present.length > 0) return
  const tar = pack()
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(BUSYBOX))
  for (const name of PROGRAMS) tar.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' })
  for (const name of ['tmp', 'etc']) tar.entry({ name, type: 'directory', mode: 0o755 })
  tar.finalize()
  const [repo, tag] = BUSYBOX_IMAGE.split(':')
  const progress = await engine.importImage(tar as never, { repo, tag })
  await promisify(engine.modem.followProgress.bind(engine.modem))(progress)
}

const KEY = Buffer.from(`test-${process.pid}`)

export interface DockerfileCase {
  /** Files by their path, or the name of a fixture. */
  source: Readonly<Record<string, string>> | string
  config?: Record<string, string>
  limits?: Partial<DockerfileLimits>
  appId?: string
  sourceVersion?: string | null
  signal?: AbortSignal
  connect?: () => Promise<Docker>
  /** Called after every piece of output. */
  onOutput?: (output: string) => void
}

/** A place to build images in: an engine, a store, and apps whose caches stay from build to build. */
export class DockerfileBench {
  readonly engine: Docker
  readonly directory: string
  readonly store: ArtifactStore
  readonly images: MadeImages
  readonly troubles: unknown[] = []
  /** Everything the last build printed, also when it failed. */
  output = ''
  count = 0
  readonly #apps = new Set<string>()

  private constructor(engine: Docker, directory: string, store: ArtifactStore) {
    this.engine = engine
    this.directory = directory
    this.store = store
    this.images = new MadeImages({ directory: join(directory, 'images'), key: KEY })
  }

  static async open(engine: Docker): Promise<DockerfileBench> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-dockerfile-'))
    await installBusybox(engine)
    return new DockerfileBench(engine, directory, await openFilesystemStore(join(directory, 'store')))
  }

  /** Leaves nothing behind in the engine but what the image for tests is made of. */
  async close(): Promise<void> {
    for (const app of this.#apps) await this.images.forget(this.engine, app)
    await rm(this.directory, { recursive: true, force: true })
  }

  async build(given: DockerfileCase): Promise<BuildResult> {
    const request = await this.#request(given)
    this.#apps.add(request.appId)
    const builder = dockerfileBuilder({
      store: this.store,
      connect: given.connect ?? (async () => this.engine),
      key: KEY,
      imagesDirectory: join(this.directory, 'images'),
      // What tests build asks nothing of the network.
      network: 'none',
      limits: { ...DOCKERFILE_LIMITS, ...given.limits },
      onTrouble: trouble => this.troubles.push(trouble),
    })
    this.output = ''
    const output = (text: string) => {
      this.output += text
      given.onOutput?.(this.output)
    }
    return builder.build(request, output, given.signal ?? new AbortController().signal)
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests say which members they expect by looking at them
  async imageConfig(digest: string): Promise<any> {
    const blob = async (name: string) =>
      JSON.parse(await readFile(join(this.directory, 'store/blobs/sha256', name.slice(7)), 'utf8'))
    return blob((await blob(digest)).config.digest)
  }

  /** An image on top of the one for tests that no build made, with a name: a base of its own for a test. */
  async baseImage(changes?: string): Promise<{ id: string; name: string }> {
    const [repo, tag] = ['tidemark-test/base', `${process.pid}-${this.count++}`]
    return {
      id: await this.image({ repo, tag, ...(changes !== undefined && { changes }) }),
      name: `${repo}:${tag}`,
    }
  }

  /** The id of an image on top of the one for tests that no build made. */
  async image(name: { repo?: string; tag?: string; changes?: string } = {}): Promise<string> {
    const container = await this.engine.createContainer({ Image: BUSYBOX_IMAGE, Cmd: ['true'] })
    try {
      return (await container.commit({ comment: 'a base of tests', ...name })).Id
    } finally {
      await container.remove()
    }
  }

  /** Images that stand on `base`, however many are between. */
  async imagesOn(base: string): Promise<ReadonlySet<string>> {
    const images = await this.engine.listImages({ all: true })
    const found = new Set([base])
    for (let size = 0; size < found.size; ) {
      size = found.size
      for (const { Id, ParentId } of images) if (found.has(ParentId)) found.add(Id)
    }
    return found
  }

  /** Runs a command line in an image, as a runtime would, and answers what it prints before it ends. */
  async run(image: string, command: string): Promise<string> {
    const container = await this.engine.createContainer({
      Image: image,
      Entrypoint: ['/bin/sh', '-c', command],
      Cmd: [],
      NetworkDisabled: true,
    })
    try {
      await container.start()
      await container.wait()
      const log = await container.logs({ stdout: true, stderr: true })
      // Each piece comes with eight bytes that say whose it is, and how long.
      let text = ''
      for (let at = 0; at < log.length; at += 8 + log.readUInt32BE(at + 4))
        text += log.toString('utf8', at + 8, at + 8 + log.readUInt32BE(at + 4))
      return text
    } finally {
      await container.remove({ force: true })
    }
  }

  cacheDirectory(appId: string): string {
    return join(this.directory, 'cache', appId)
  }

  async #request(given: DockerfileCase): Promise<BuildRequest> {
    const { source, config, appId = `app-${process.pid}`, sourceVersion = 'de63889' } = given
    const base = join(this.directory, `build-${this.count++}`)
    const [sourceDirectory, workDirectory] = [join(base, 'source'), join(base, 'work')]
    for (const directory of [workDirectory, this.cacheDirectory(appId)])
      await mkdir(directory, { recursive: true })
    if (typeof source === 'string')
      await cp(join(import.meta.dirname, '../fixtures/apps', source), sourceDirectory, { recursive: true })
    else await writeFiles(sourceDirectory, source)
    return {
      buildId: `b${this.count}`,
      appId,
      sourceDirectory,
      workDirectory,
      cacheDirectory: this.cacheDirectory(appId),
      config: config ?? {},
      buildpacks: [],
      stack: 'container',
      sourceVersion,
    }
  }
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
  }
}
