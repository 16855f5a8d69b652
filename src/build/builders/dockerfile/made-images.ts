import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import type { Instant } from '../../../core/time.ts'
import { ask, statusOf } from '../../../docker/engine.ts'
import { unguessable } from '../../../docker/unguessable.ts'

const REPOSITORY = 'tidemark-build'

export interface MadeImagesOptions {
  directory: string
  /** The platform's own, by which its images have names that nobody else can tell. */
  key: Uint8Array
}

/**
 * Remembers which images of the engine the builds of each app made, the unfinished ones too, so that those which no
 * later build needs can be removed, and no others. One file an app, a line an image: its id, and when that build began.
 * An id is only what a build printed: what is older than its build, or has a name, is left alone. A digest by which it was
 * pulled is a name, too.
 */
export class MadeImages {
  readonly #directory: string
  readonly #key: Uint8Array

  constructor({ directory, key }: MadeImagesOptions) {
    this.#directory = directory
    this.#key = key
  }

  /** The name of an app's latest image: it keeps the build cache from being tidied away with what nobody uses. */
  tagOf(appId: string): string {
    return `${REPOSITORY}:${unguessable(this.#key, 'build', appId).slice(0, 40)}`
  }

  /** Writes down what a build printed as the id of an image it made, or took from the cache. */
  async note(appId: string, id: string, begunAt: Instant): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    await appendFile(this.#file(appId), `${id} ${begunAt}\n`, { mode: 0o600 })
  }

  /** Removes what earlier builds of an app made, but for `keep`. What others build on stays, and is tried again next time. */
  async clean(engine: Docker, appId: string, keep: ReadonlySet<string>): Promise<void> {
    const noted = await this.#read(appId)
    const left: [string, Instant][] = []
    // What was made last may build on what was made before.
    for (const [id, begunAt] of [...noted].reverse())
      if (keep.has(id) || (await remove(engine, id, begunAt)) === 'needed') left.unshift([id, begunAt])
    await this.#write(appId, left)
  }

  /** Removes all that the builds of an app left in the engine. What others build on is left to a later sweep. */
  async forget(engine: Docker, appId: string): Promise<void> {
    await this.#removeTag(engine, appId)
    await this.clean(engine, appId, new Set())
  }

  /** Forgets every app that is not in `keep`. */
  async sweep(engine: Docker, keep: ReadonlySet<string>): Promise<void> {
    for (const appId of await this.apps()) if (!keep.has(appId)) await this.forget(engine, appId)
  }

  /** The apps that have something left in the engine. */
  async apps(): Promise<string[]> {
    const names = await readdir(this.#directory).catch(() => [])
    return names.filter(name => !name.endsWith(NEW))
  }

  /** The first note of an image counts: a later build took it from the cache. */
  async #read(appId: string): Promise<ReadonlyMap<string, Instant>> {
    const text = await readFile(this.#file(appId), 'utf8').catch(() => '')
    const noted = new Map<string, Instant>()
    for (const line of text.split('\n')) {
      const [, id, begunAt] = /^([0-9a-f]{12}) (\d+)$/.exec(line) ?? []
      if (id !== undefined && !noted.has(id)) noted.set(id, Number(begunAt))
    }
    return noted
  }

  async #write(appId: string, noted: readonly [string, Instant][]): Promise<void> {
    if (noted.length === 0) return rm(this.#file(appId), { force: true })
    const text = noted.map(([id, begunAt]) => `${id} ${begunAt}\n`).join('')
    await writeFile(this.#file(appId) + NEW, text, { mode: 0o600 })
    await rename(this.#file(appId) + NEW, this.#file(appId))
  }

  /** Whatever is called so is ours: nobody else can tell the name. */
  async #removeTag(engine: Docker, appId: string): Promise<void> {
    try {
      await ask('remove the name of an image', engine.getImage(this.tagOf(appId)).remove({ noprune: true }))
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
    }
  }

  #file(appId: string): string {
    return join(this.#directory, appId)
  }
}

const NEW = '.new'

async function remove(engine: Docker, id: string, begunAt: Instant): Promise<'gone' | 'needed'> {
  try {
    const image = await ask('look for an image', engine.getImage(id).inspect())
    if (Date.parse(image.Created) < begunAt) return 'gone'
    if (image.RepoTags.length > 0 || image.RepoDigests.length > 0) return 'needed'
    // What is below it is looked at in its turn: the engine is not to remove anything that was not noted.
    await ask('remove an image', engine.getImage(image.Id).remove({ noprune: true }))
    return 'gone'
  } catch (error) {
    if (statusOf(error) === 404) return 'gone'
    if (statusOf(error) === 409) return 'needed'
    throw error
  }
}
