import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { claimBuild } from '../../src/actions/claim-build.ts'
import { createApp } from '../../src/actions/create-app.ts'
import { failBuild } from '../../src/actions/fail-build.ts'
import { finishBuild } from '../../src/actions/finish-build.ts'
import { finishRelease } from '../../src/actions/finish-release.ts'
import { setRetention } from '../../src/actions/set-retention.ts'
import { startBuild } from '../../src/actions/start-build.ts'
import { Collector } from '../../src/artifacts/collector.ts'
import { Remains } from '../../src/artifacts/remains.ts'
import type { ArtifactStore } from '../../src/artifacts/store.ts'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import { UnnamedImages } from '../../src/artifacts/unnamed.ts'
import { DEFAULT_RETENTION } from '../../src/core/retention.ts'
import { days, hours } from '../../src/core/time.ts'
import { Scene } from '../contracts/ledger-scene.ts'

const root = await mkdtemp(join(tmpdir(), 'tidemark-collector-'))
after(() => rm(root, { recursive: true, force: true }))

/** A ledger, a store and a collector, with clocks that only move when they are told to. */
class Place implements AsyncDisposable {
  readonly scene: Scene
  readonly store: ArtifactStore
  readonly unnamed: UnnamedImages
  readonly remains: Remains
  readonly directory: string
  readonly troubles: unknown[] = []
  wall = Date.UTC(2026, 0, 2)
  monotonic = 0
  collector: Collector

  private constructor(scene: Scene, store: ArtifactStore, directory: string) {
    this.scene = scene
    this.store = store
    this.directory = directory
    const { ledger } = scene
    this.unnamed = new UnnamedImages(async () =>
      (await ledger.read.builds.pending()).flatMap(({ id, startedAt }) => (startedAt === null ? [] : id)),
    )
    this.remains = new Remains({ ledger, store, unnamed: this.unnamed })
    this.collector = this.newCollector()
  }

  static async open(): Promise<Place> {
    const directory = await mkdtemp(join(root, 'place-'))
    const newPlace = async () => join(directory, 'ledger.db')
    const under = { name: 'SQLite', newPlace, everything: async () => Buffer.alloc(0) }
    const scene = await Scene.open(under)
    return new Place(scene, await openFilesystemStore(join(directory, 'artifacts')), directory)
  }

  /** What a restart of the server makes. */
  newCollector(): Collector {
    return new Collector({
      ...{ ledger: this.scene.ledger, store: this.store, remains: this.remains },
      retention: { policy: DEFAULT_RETENTION, settings: {} },
      clock: () => this.wall,
      monotonic: () => this.monotonic,
      onTrouble: ({ error }) => void this.troubles.push(error),
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
    const built = { digest, size, processTypes: { web: 'x' }, buildpacks: [], buildpackDescription: 'none' }
    const release = await finishBuild(this.scene.ledger, appId, id, built)
    await finishRelease(this.scene.ledger, appId, release.id, { status: 'succeeded' })
    return digest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.collector.close()
    await this.scene[Symbol.asyncDispose]()
  }
}

test('a clock that was set makes nothing old, before or after a restart, until it was steady for a day', async () => {
  await using place = await Place.open()
  const digest = await place.deploy('one')
  await place.deploy('two')
  const { appId } = place.scene
  await place.collector.sweep(appId)
  place.wall += days(60)
  assert.equal((await place.collector.sweep(appId)).releases, 0)
  assert.equal(await place.collector.ageCountsAgainAt(), place.wall + hours(24))
  await place.collector.close()
  place.collector = place.newCollector()
  for (let hour = 0; hour < 23; hour++) {
    place.pass(hours(1))
    assert.equal((await place.collector.sweep(appId)).releases, 0)
  }
  place.pass(hours(1))
  assert.equal(await place.collector.ageCountsAgainAt(), null)
  const bytes = await place.collector.reclaimable(await place.collector.preview(appId))
  assert.ok(bytes > 0)
  assert.deepEqual(await place.collector.sweep(appId), { releases: 1, artifacts: 1, bytes })
  assert.equal(await place.store.has(digest), false)
  assert.deepEqual(place.troubles, [])
})

test('bytes that another app has, or a build has just stored, stay; the next sweep takes what nobody named', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const other = await createApp(ledger, by, { name: 'ramen', random: () => 0 })
  const shared = await place.deploy('shared')
  await place.deploy('shared', other.id)
  const rebuilt = await place.deploy('rebuilt')
  await place.deploy('newest')
  const build = await place.build('rebuilt')
  assert.equal(build.digest, rebuilt, 'the same content is the same image')
  await setRetention(ledger, by, appId, { releases: 1 })
  assert.deepEqual((await place.collector.sweep(appId)).releases, 2)
  assert.ok(await place.store.has(shared))
  assert.ok(await place.store.has(rebuilt), 'the build may still name it')
  await failBuild(ledger, appId, build.id, 'The build was cancelled.')
  await place.collector.sweep(appId)
  assert.equal(await place.store.has(rebuilt), false)
  await setRetention(ledger, by, other.id, { releases: 1 })
  await place.deploy('more', other.id)
  await place.collector.sweep(other.id)
  assert.equal(await place.store.has(shared), false)
})

test('an image that the ledger does not know goes after a day', async () => {
  await using place = await Place.open()
  const build = await place.build('cancelled at the end')
  await failBuild(place.scene.ledger, place.scene.appId, build.id, 'The build was cancelled.')
  const kept = await place.deploy('kept')
  await place.collector.sweepAll()
  place.pass(hours(23))
  await place.collector.sweepAll()
  assert.ok(await place.store.has(build.digest))
  place.pass(hours(1))
  await place.collector.sweepAll()
  assert.equal(await place.store.has(build.digest), false)
  assert.ok(await place.store.has(kept))
  assert.deepEqual(place.troubles, [])
})

test('a sweep that is cut short is finished by the next, and closing waits for it', async () => {
  await using place = await Place.open()
  const { ledger, by, appId } = place.scene
  const digests: string[] = []
  for (let deploys = 0; deploys < 4; deploys++) digests.push(await place.deploy(`${deploys}`))
  await setRetention(ledger, by, appId, { releases: 1 })
  const sweeping = place.collector.sweep(appId)
  await place.collector.close()
  await sweeping
  place.collector = place.newCollector()
  place.collector.start()
  await place.collector.sweepAll()
  const left = await Promise.all(digests.map(digest => place.store.has(digest)))
  assert.deepEqual(left, [false, false, false, true])
  assert.deepEqual(place.troubles, [])
})
