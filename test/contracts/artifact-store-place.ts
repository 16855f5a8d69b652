import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import type { ArtifactStore, ImageSource } from '../../src/artifacts/store.ts'

/** A kind of store under test. `open` on the same place again stands for a restart of the server. */
export interface StoreUnderTest {
  name: string
  open(place: string): Promise<ArtifactStore>
  /** A process of its own begins to remove `digests`, and is killed so many calls of the file system later. */
  removeAndDie(place: string, removal: { digests: readonly string[]; calls: number }): Promise<void>
}

export const ROOM = 100_000_000
export const never = new AbortController().signal

/** A directory for the tests of one suite, with places for stores in it. */
export class StorePlace {
  readonly #under: StoreUnderTest
  readonly #directory: Promise<string>
  #count = 0

  constructor(under: StoreUnderTest) {
    this.#under = under
    this.#directory = mkdtemp(join(tmpdir(), 'tidemark-store-'))
    after(async () => rm(await this.#directory, { recursive: true, force: true }))
  }

  async path(name: string): Promise<string> {
    return join(await this.#directory, name)
  }

  async open(name = `store-${this.#count++}`): Promise<ArtifactStore> {
    return this.#under.open(await this.path(name))
  }

  /** An image of one layer with these files. */
  async source(files: Record<string, string | Buffer>): Promise<ImageSource> {
    const directory = await this.path(`source-${this.#count++}`)
    await write(directory, files)
    return {
      layers: [{ directory, at: '', exclude: [] }],
      processTypes: { web: 'node server.js' },
      stack: 'tidemark-1',
      commit: null,
    }
  }
}

export async function write(directory: string, files: Record<string, string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), content)
  }
}
