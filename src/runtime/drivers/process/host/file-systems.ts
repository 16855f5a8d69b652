import { chmodSync, chownSync, constants, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { chmod, cp, lchown, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Identity, Mount, Sandbox } from '../../../../sandbox/sandbox.ts'

/** Where a dyno's files are, as the dyno sees it. */
export interface DynoFiles {
  home: string
  mounts: readonly Mount[]
}

/** The file systems of dynos: made of an image's layers, changed by nobody else, gone when the dyno is. */
export class FileSystems {
  readonly #live: string
  readonly #trash: string
  readonly #removals = new Set<Promise<void>>()
  readonly #sandbox: Pick<Sandbox, 'hasMounts' | 'hasOverlay'>

  constructor(directory: string, sandbox: Pick<Sandbox, 'hasMounts' | 'hasOverlay'>) {
    this.#live = join(directory, 'files')
    this.#trash = join(directory, 'trash')
    this.#sandbox = sandbox
    // Without mounts a dyno reaches its files by their path on the machine, so others must be able to pass, not to look.
    mkdirSync(this.#live, { recursive: true, mode: 0o711 })
    mkdirSync(this.#trash, { recursive: true, mode: 0o700 })
  }

  /** Makes the file system of dyno `id` from `layers`, lowest first, each with its files below `app/`. */
  async create(id: string, layers: readonly string[], identity: Identity | null): Promise<DynoFiles> {
    const own = join(this.#live, id)
    mkdirSync(own, { mode: 0o711 })
    const lower = layers.map(layer => join(layer, 'app')).filter(path => existsSync(path))
    const { hasMounts, hasOverlay } = this.#sandbox
    const tmp = temporary(own)
    if (hasMounts && hasOverlay) return { home: '/app', mounts: [...overlay(own, lower), tmp] }
    const app = await copy(join(own, 'app'), lower, identity)
    if (!hasMounts) return { home: app, mounts: [] }
    return { home: '/app', mounts: [{ kind: 'bind', from: app, at: '/app', readOnly: false }, tmp] }
  }

  /** Takes a dyno's files away at once; the space is free when {@link settled} resolves. */
  discard(id: string): void {
    if (!existsSync(join(this.#live, id))) return
    try {
      renameSync(join(this.#live, id), join(this.#trash, id))
    } catch (error) {
      // It costs space until the next host starts; the other dynos must not notice.
      console.error(`The files of dyno ${id} could not be taken away: ${(error as Error).message}`)
      return
    }
    const removal: Promise<void> = removeTree(join(this.#trash, id))
      .catch((error: Error) =>
        console.error(`The files of dyno ${id} could not be removed: ${error.message}`),
      )
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }

  /** Resolves when everything that was discarded is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals)
  }

  /** Removes what an earlier host left: no dyno of its lives any more. */
  async discardAll(): Promise<void> {
    for (const id of readdirSync(this.#live)) renameSync(join(this.#live, id), join(this.#trash, id))
    for (const id of readdirSync(this.#trash)) await removeTree(join(this.#trash, id))
  }
}

function overlay(own: string, lower: readonly string[]): Mount[] {
  const [upper, work, empty] = [join(own, 'upper'), join(own, 'work'), join(own, 'empty')]
  for (const path of [upper, work, empty]) mkdirSync(path, { mode: 0o755 })
  return [{ kind: 'overlay', lower: lower.length > 0 ? lower : [empty], upper, work, at: '/app' }]
}

/** On disk rather than in memory: what programs put into /tmp can be large. */
function temporary(own: string): Mount {
  const from = join(own, 'tmp')
  mkdirSync(from)
  chmodSync(from, 0o1777)
  return { kind: 'bind', from, at: '/tmp', readOnly: false }
}

async function copy(to: string, lower: readonly string[], identity: Identity | null): Promise<string> {
  mkdirSync(to, { mode: 0o700 })
  for (const from of lower) {
    await cp(from, to, {
      recursive: true,
      force: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      // Asked before each thing is copied.
      filter: makeWay,
    })
  }
  if (identity === null) return to
  for (const path of await readdir(to, { recursive: true }))
    await lchown(join(to, path), identity.uid, identity.gid)
  chownSync(to, identity.uid, identity.gid)
  return to
}

/** Takes away what a layer replaces, be it of another kind; only directories become one. The copy itself gives up there. */
async function makeWay(source: string, target: string): Promise<true> {
  const [stats, present] = await Promise.all([lstat(source), lstat(target).catch(() => undefined)])
  const areDirectories = stats.isDirectory() && present?.isDirectory()
  if (present && !areDirectories) await rm(target, { recursive: true })
  return true
}

/** Removes a tree, also where a program took its owner's own permissions away. */
async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch {
    await openDirectories(path)
    await rm(path, { recursive: true, force: true })
  }
}

async function openDirectories(path: string): Promise<void> {
  await chmod(path, 0o700)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await openDirectories(join(path, entry.name))
  }
}
