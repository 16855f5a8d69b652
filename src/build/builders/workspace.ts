import { chown, lchown, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Confined, Identity, Mount, Sandbox } from '../../sandbox/sandbox.ts'
import type { BuildRequest } from '../builder.ts'

export interface WorkspaceOptions {
  sandbox: Sandbox
  identity: Identity | null
  /** What every build program gets besides the build's own: proxies, certificates, where node lives. */
  environment: Readonly<Record<string, string>>
}

/** The stack's programs; nothing of the server's own PATH. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The directories of one build, as this machine has them and as the build's programs see them. */
export class Workspace {
  readonly #request: BuildRequest
  readonly #options: WorkspaceOptions
  readonly #temporary: string

  constructor(request: BuildRequest, options: WorkspaceOptions) {
    this.#request = request
    this.#options = options
    this.#temporary = join(request.workDirectory, 'tmp')
  }

  /** Makes the directories and gives all the build may write to the user it runs as. */
  async prepare(): Promise<void> {
    await mkdir(this.#request.cacheDirectory, { recursive: true })
    for (const name of ['', 'home', 'env', 'cache', 'buildpacks'])
      await mkdir(join(this.#temporary, name), { mode: 0o700 })
    for (const [name, value] of Object.entries(this.#request.config)) {
      await writeFile(join(this.#temporary, 'env', name), value, { mode: 0o600, flag: 'wx' })
    }
    await this.own(this.#temporary)
    await this.own(this.#request.sourceDirectory)
    await this.#ownCache()
  }

  /** Removes the config vars from the disk. */
  async forgetConfig(): Promise<void> {
    await rm(join(this.#temporary, 'env'), { recursive: true, force: true })
  }

  /** Where a buildpack's copy is to be put, on this machine. */
  buildpackDirectory(index: number): string {
    return join(this.#temporary, 'buildpacks', String(index))
  }

  /** The paths programs of the build know. A build happens where the app will run, so that paths it writes stay true. */
  inside(): {
    build: string
    cache: string
    env: string
    home: string
    buildpack: (index: number) => string
  } {
    const { hasMounts } = this.#options.sandbox
    const temporary = hasMounts ? '/tmp' : this.#temporary
    return {
      build: hasMounts ? '/app' : this.#request.sourceDirectory,
      cache: hasMounts ? '/tmp/cache' : this.#request.cacheDirectory,
      env: join(temporary, 'env'),
      home: join(temporary, 'home'),
      buildpack: index => join(temporary, 'buildpacks', String(index)),
    }
  }

  /** A program of this build, ready for the sandbox. */
  confine(command: readonly string[]): Confined {
    const { build, home } = this.inside()
    const { sandbox, identity, environment } = this.#options
    return {
      command,
      environment: {
        ...environment,
        PATH,
        HOME: home,
        STACK: this.#request.stack,
        SOURCE_VERSION: this.#request.sourceVersion ?? '',
        REQUEST_ID: this.#request.buildId,
        ...(sandbox.hasMounts ? {} : { TMPDIR: this.#temporary }),
      },
      workingDirectory: build,
      mounts: sandbox.hasMounts ? this.#mounts() : [],
      identity,
    }
  }

  /** Gives a tree to the user the build runs as. Links themselves are changed, never what they lead to. */
  async own(path: string): Promise<void> {
    const { identity } = this.#options
    if (identity) await ownTree(path, identity)
  }

  /** The cache was written by the same user in an earlier build, unless it is new. */
  async #ownCache(): Promise<void> {
    const { identity } = this.#options
    const cache = this.#request.cacheDirectory
    if (!identity || (await lstat(cache)).uid === identity.uid) return
    for (const name of await readdir(cache)) await ownTree(join(cache, name), identity)
    await chown(cache, identity.uid, identity.gid)
  }

  #mounts(): Mount[] {
    return [
      { kind: 'bind', from: this.#request.sourceDirectory, at: '/app', readOnly: false },
      { kind: 'bind', from: this.#temporary, at: '/tmp', readOnly: false },
      { kind: 'bind', from: this.#request.cacheDirectory, at: '/tmp/cache', readOnly: false },
    ]
  }
}

async function ownTree(path: string, identity: Identity): Promise<void> {
  await lchown(path, identity.uid, identity.gid)
  if (!(await lstat(path)).isDirectory()) return
  for (const name of await readdir(path)) await ownTree(join(path, name), identity)
}
