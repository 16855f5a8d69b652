/** A sweep that expires 9,900 of 10,000 releases, and what is left on disk of 1,000 under the default policy. */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  type Descriptor,
  imageConfig,
  imageManifest,
  type Layer,
  MEDIA_TYPES,
} from '../src/artifacts/image.ts'
import { PlatformClient } from '../src/client/platform-client.ts'
import { DEFAULT_RETENTION } from '../src/core/retention.ts'
import { startPlatform, type TestPlatform } from '../test/support/platform.ts'
import { compare, timed } from './side-by-side.ts'

const APP = 'bench'
const MEGABYTE = 1_000_000
/** Enough to keep all that is there, until the app says otherwise. */
const ALL = { TIDEMARK_RETENTION_RELEASES: '1000000' }

await measureSweep(10_000)
await measureBytes(1_000)

async function measureSweep(releases: number): Promise<void> {
  await using platform = await platformWith(releases, { shared: 1000, own: 1000 })
  const before = await files(platform)
  const bare = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const copies: string[] = []
  for (const [index, file] of before.entries()) {
    const copy = join(bare, `${index}`)
    await writeFile(copy, Buffer.alloc((await stat(file)).size))
    copies.push(copy)
  }
  const { retention } = clientOf(platform)
  await retention.set(APP, { ...DEFAULT_RETENTION, releases: 100 })
  // What a sweep deletes has long been written: what is still to be written costs next to nothing to delete.
  execFileSync('sync')
  const ours = await timed(async () => void (await retention.sweep(APP, { isDryRun: false })))
  const gone = before.length - (await files(platform)).length
  const doomed = copies.slice(0, gone)
  const alone = await timed(async () => {
    for (const copy of doomed) unlinkSync(copy)
  })
  await rm(bare, { recursive: true })
  compare(`sweep that expires ${releases - 100} of ${releases} releases, ${gone} files`, {
    ...{ ours, bare: alone, unit: 'ms', goal: { atMost: 1.5 } },
  })
}

async function measureBytes(releases: number): Promise<void> {
  const sizes = { shared: 10 * MEGABYTE, own: 20_000 }
  await using platform = await platformWith(releases, sizes)
  const { retention } = clientOf(platform)
  await retention.set(APP, DEFAULT_RETENTION)
  await retention.sweep(APP, { isDryRun: false })
  let stored = 0
  for (const file of await files(platform)) stored += (await stat(file)).size
  compare(`bytes on disk after ${releases} releases under the default policy`, {
    ours: stored / MEGABYTE,
    bare: (sizes.shared + DEFAULT_RETENTION.releases * sizes.own) / MEGABYTE,
    unit: 'MB',
    goal: { atMost: 1.1 },
  })
}

function clientOf({ endpoints, token }: TestPlatform): PlatformClient {
  return new PlatformClient({ url: endpoints.api, token })
}

/** A platform whose one app has that many releases, each with an image of its own, written while the platform is down. */
async function platformWith(releases: number, sizes: { shared: number; own: number }): Promise<TestPlatform> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const platform = await startPlatform({ dataDir, environment: ALL })
  try {
    await clientOf(platform).apps.create({ name: APP })
    await platform.stop()
    const artifacts = join(dataDir, 'artifacts')
    const shared = await storeLayer(artifacts, sizes.shared)
    const images: string[] = []
    for (let image = 0; image < releases; image++)
      images.push(await storeImage(artifacts, [shared, await storeLayer(artifacts, sizes.own)]))
    appendReleases(join(dataDir, 'ledger.db'), images)
    await platform.restart()
    return platform
  } catch (error) {
    await platform[Symbol.asyncDispose]()
    throw error
  }
}

async function storeLayer(artifacts: string, size: number): Promise<Layer> {
  const digest = await storeBlob(artifacts, randomBytes(size))
  return { mediaType: MEDIA_TYPES.layer, diffId: digest, digest, size }
}

async function storeImage(artifacts: string, layers: readonly Layer[]): Promise<string> {
  const parts = { layers, processTypes: {}, stack: 'tidemark-1', commit: null }
  const config = imageConfig(parts)
  const described = (mediaType: string, content: Buffer, digest: string): Descriptor => ({
    ...{ mediaType, digest, size: content.length },
  })
  const configDigest = await storeBlob(artifacts, config)
  const manifest = imageManifest(parts, described(MEDIA_TYPES.config, config, configDigest))
  const digest = await storeBlob(artifacts, manifest)
  const descriptor = described(MEDIA_TYPES.manifest, manifest, digest)
  await writeFile(join(artifacts, 'images', digest.slice('sha256:'.length)), JSON.stringify(descriptor))
  return digest
}

async function storeBlob(artifacts: string, content: Buffer): Promise<string> {
  const name = createHash('sha256').update(content).digest('hex')
  await writeFile(join(artifacts, 'blobs', 'sha256', name), content)
  return `sha256:${name}`
}

/** Every file of the images: their descriptors, and the blobs. */
async function files({ dataDir }: TestPlatform): Promise<string[]> {
  const directories = ['images', 'blobs/sha256'].map(name => join(dataDir, 'artifacts', name))
  const names = await Promise.all(
    directories.map(async directory => (await readdir(directory)).map(name => join(directory, name))),
  )
  return names.flat()
}

/** Appends a release for each image, the last one current; a copy of v1 in all else. */
function appendReleases(file: string, images: readonly string[]): void {
  const ledger = new DatabaseSync(file)
  const [app] = ledger.prepare('select id from apps').all() as { id: string }[]
  if (!app) throw new Error('The app is not in the ledger.')
  const now = Date.now()
  const artifact = ledger.prepare(
    `insert into artifacts (id, app_id, kind, digest, size, process_types, stack, created_at)
     values (?, ?, 'slug', ?, 1, '{}', 'tidemark-1', ?)`,
  )
  const release = ledger.prepare(
    `insert into releases (id, version, kind, description, artifact_id, status, current, app_id, config_id,
       addon_plan_names, turn_at, succeeded_at, account_id, created_at, updated_at)
     select ?, ?, 'deploy', 'Deploy', ?, 'succeeded', ?, app_id, config_id, addon_plan_names, ?, ?, account_id, ?, ?
     from releases where version = 1`,
  )
  ledger.exec('begin; update releases set current = 0')
  for (const [index, digest] of images.entries()) {
    const id = randomUUID()
    artifact.run(id, app.id, digest, now)
    const isLast = index === images.length - 1 ? 1 : 0
    release.run(randomUUID(), index + 2, id, isLast, now, now, now, now)
  }
  ledger.prepare('update apps set last_version = ?').run(images.length + 1)
  ledger.exec('commit; pragma wal_checkpoint(truncate)')
  ledger.close()
}
