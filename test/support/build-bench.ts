import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ArtifactStore } from '../../src/artifacts/store.ts'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import type { BuildRequest, BuildResult } from '../../src/build/builder.ts'
import { BUILD_LIMITS, type BuildLimits, buildpackBuilder } from '../../src/build/builders/buildpack.ts'
import { networkEnvironment } from '../../src/build/builders/network-environment.ts'
import type { BuildpackRef } from '../../src/core/build.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'

/** Files by their path; a script (`#!`) becomes executable. */
export type Files = Record<string, string>

export interface BuildCase {
  source: Files | string
  buildpacks?: readonly BuildpackRef[]
  config?: Record<string, string>
  limits?: Partial<BuildLimits>
  signal?: AbortSignal
  /** Called after every piece of output. */
  onOutput?: (output: string) => void
}

export interface Built {
  result: BuildResult
  output: string
  /** The directories of the image's layers, lowest first. */
  layers: readonly string[]
}

/** A place to build in: a store, an app's cache that stays from build to build, and a sandbox. */
export class BuildBench {
  readonly directory: string
  readonly store: ArtifactStore
  readonly #sandbox: Sandbox
  #count = 0
  /** Everything the last build printed, also when it failed. */
  output = ''

  constructor(directory: string, store: ArtifactStore, sandbox: Sandbox) {
    this.directory = directory
    this.store = store
    this.#sandbox = sandbox
  }

  static async open(sandbox: Sandbox): Promise<BuildBench> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-build-'))
    // Builds run as another user when the tests run as root.
    await chmod(directory, 0o711)
    return new BuildBench(directory, await openFilesystemStore(join(directory, 'store')), sandbox)
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
  }

  async build(given: BuildCase): Promise<Built> {
    const request = await this.#request(given)
    const builder = buildpackBuilder({
      store: this.store,
      sandbox: this.#sandbox,
      buildpacksDirectory: join(import.meta.dirname, '../../buildpacks'),
      buildpackCache: join(this.directory, 'buildpack-cache'),
      privateDirectories: [join(this.directory, 'store')],
      environment: { ...networkEnvironment(process.env), TIDEMARK_NODE_BIN_DIR: dirname(process.execPath) },
      identity: () => (process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : null),
      limits: { ...BUILD_LIMITS, ...given.limits },
    })
    this.output = ''
    const never = new AbortController().signal
    const output = (text: string) => {
      this.output += text
      given.onOutput?.(this.output)
    }
    const result = await builder.build(request, output, given.signal ?? never)
    return { result, output: this.output, layers: await this.store.layers(result.digest, never) }
  }

  /** A buildpack in a directory of its own, made of its scripts. */
  async buildpack(name: string, files: Files): Promise<BuildpackRef> {
    const directory = join(this.directory, 'buildpacks', name)
    await writeFiles(directory, {
      'bin/detect': `#!/bin/sh\necho ${name}\n`,
      'bin/compile': '#!/bin/sh\n',
      ...files,
    })
    return { url: directory, name }
  }

  async #request({ source, buildpacks, config }: BuildCase): Promise<BuildRequest> {
    const base = join(this.directory, `build-${this.#count++}`)
    const [sourceDirectory, workDirectory] = [join(base, 'source'), join(base, 'work')]
    await mkdir(base, { mode: 0o711 })
    await mkdir(workDirectory, { mode: 0o711 })
    if (typeof source === 'string')
      await cp(join(import.meta.dirname, '../fixtures/apps', source), sourceDirectory, { recursive: true })
    else await writeFiles(sourceDirectory, source)
    return {
      buildId: 'b1',
      appId: 'a1',
      sourceDirectory,
      workDirectory,
      cacheDirectory: join(this.directory, 'cache'),
      config: config ?? {},
      buildpacks: buildpacks ?? [],
      stack: 'tidemark-1',
      sourceVersion: 'de63889',
    }
  }
}

async function writeFiles(directory: string, files: Files): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
  }
}
