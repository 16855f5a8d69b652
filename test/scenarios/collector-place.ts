import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimBuild } from '../../src/actions/claim-build.ts'
import { finishBuild } from '../../src/actions/finish-build.ts'
import { finishRelease } from '../../src/actions/finish-release.ts'
import { startBuild } from '../../src/actions/start-build.ts'
import { Collector } from '../../src/artifacts/collector.ts'
import { Remains } from '../../src/artifacts/remains.ts'
import type { ArtifactStore } from '../../src/artifacts/store.ts'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import { UnknownImages } from '../../src/artifacts/unknown.ts'
import { UnnamedImages } from '../../src/artifacts/unnamed.ts'
import { DEFAULT_RETENTION } from '../../src/core/retention.ts'
import { Scene } from '../contracts/ledger-scene.ts'

/** A ledger, a store and a collector, with clocks that only move when they are told to. */
export class Place implements AsyncDisposable {
  readonly scene: Scene
  readonly store: ArtifactStore
  readonly unnamed: UnnamedImages
  readonly directory: string
  readonly troubles: unknown[] = []
  readonly #onTrouble = ({ error }: { error: unknown }) => void this.troubles.push(error)
  /** Whoever is about to store or remove images asks for the builds that run: the moment for something to come between. */
  onLook: () => void = () => {}
  wall = Date.UTC(2026, 0, 2)
  monotonic = 0
  collector: Collector

  private constructor(scene: Scene, store: ArtifactStore, directory: string) {
    this.scene = scene
    this.store = store
    this.directory = directory
    const { ledger } = scene
    this.unnamed = new UnnamedImages(async () => {
      this.onLook()
      const builds = await ledger.read.builds.pending()
      return builds.flatMap(({ id, startedAt }) => (startedAt === null ? [] : id))
    })
    this.collector = this.newCollector()
  }

  static async open(): Promise<Place> {
    const directory = await mkdtemp(join(tmpdir(), 'tidemark-collector-'))
    const newPlace = async () => join(directory, 'ledger.db')
    const under = { name: 'SQLite', newPlace, everything: async () => Buffer.alloc(0) }
    const scene = await Scene.open(under)
    return new Place(scene, await openFilesystemStore(join(directory, 'artifacts')), directory)
  }

  /** What a restart of the server makes; with another ledger, if need be. */
  newCollector(ledger = this.scene.ledger): Collector {
    const { store, unnamed } = this
    return new Collector({
      ...{ ledger, store },
      remains: new Remains({ ledger, store, unnamed, onTrouble: this.#onTrouble }),
      unknown: new UnknownImages(join(this.directory, 'unknown.json')),
      retention: { policy: DEFAULT_RETENTION, settings: {} },
      clock: () => this.wall,
      monotonic: () => this.monotonic,
      onTrouble: this.#onTrouble,
    })
  }

  /** Time passes, as both clocks see it. */
  pass(time: number): void {
    this.wall += time
    this.monotonic += time
  }

  /** Stores an image with this text in it, as a build of the app would. */
  async build(text: string, appId = this.scene.appId): Promise<{ id: string; digest: string; size: number }> {
    const { ledger, by } = this.scene
    const source = { kind: 'git' as const, commit: 'c' }
    const draft = { source, version: null, versionDescription: null, buildpacks: [] }
    const { id } = await startBuild(ledger, by, appId, draft)
    await claimBuild(ledger, appId, id)
    const directory = join(this.directory, id)
    await mkdir(directory)
    await writeFile(join(directory, 'text'), text)
    const layers = [{ directory, at: '', exclude: [] }]
    const image = { layers, processTypes: {}, stack: 'tidemark-1', commit: null }
    const never = new AbortController().signal
    const put = () => this.store.put(image, 1_000_000, never)
    const { digest, size } = await this.unnamed.store(put, name => this.store.has(name))
    return { id, digest, size }
  }

  async deploy(text: string, appId = this.scene.appId): Promise<string> {
    const { id, digest, size } = await this.build(text, appId)
    const built = {
      ...{ digest, size, processTypes: { web: 'x' }, stack: 'tidemark-1' },
      ...{ buildpacks: [], buildpackDescription: 'none' },
    }
    const release = await finishBuild(this.scene.ledger, appId, id, built)
    await finishRelease(this.scene.ledger, appId, release.id, { status: 'succeeded' })
    return digest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.collector.close()
    await this.scene[Symbol.asyncDispose]()
    await rm(this.directory, { recursive: true, force: true })
  }
}
