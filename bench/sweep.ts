/** Removes 9,900 of 10,000 images from an artifact store, against deleting the same files bare; and opens the store before. */
import { cp, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hex, sha256 } from '../src/artifacts/blobs.ts'
import { imageConfig, imageManifest, MEDIA_TYPES } from '../src/artifacts/image.ts'
import { inBatches } from '../src/artifacts/in-batches.ts'
import type { ArtifactStore } from '../src/artifacts/store.ts'
import { openFilesystemStore } from '../src/artifacts/stores/filesystem.ts'
import { compare, inTurns, state, timed } from './side-by-side.ts'

const IMAGES = Number(process.env.IMAGES ?? 10_000)
const KEPT = IMAGES / 100
const ROUNDS = 3
/** As many deletions are under way at a time, on either side. */
const AT_A_TIME = 512

const never = new AbortController().signal
let copies = 0
const place = await mkdtemp(join(tmpdir(), 'tidemark-sweep-'))
try {
  const original = join(place, 'original')
  const digests = await fill(original)
  const doomed = digests.slice(KEPT)
  const opened: number[] = []
  const names = await swept(original, doomed)
  const ways = {
    ours: async () => {
      const root = await copied(original)
      let store: ArtifactStore | undefined
      opened.push(
        await timed(async () => {
          store = await openFilesystemStore(root)
        }),
      )
      const taken = await timed(async () => store?.removeAll(doomed, never))
      await checkKept(root, store, digests.slice(0, KEPT))
      return taken
    },
    bare: async () => {
      const root = await copied(original)
      const taken = await timed(() => deleteBare(root, names))
      await rm(root, { recursive: true })
      return taken
    },
  }
  const { ours, bare } = await inTurns(ways, ROUNDS)
  const what = `removing ${doomed.length} of ${IMAGES} images (${names.length} files)`
  compare(what, { ours, bare, unit: 'ms', goal: { atMost: 1.5 } })
  state(`opening a store of ${IMAGES} images`, {
    value: Math.max(...opened),
    unit: 'ms',
    goal: { atMost: 5000 },
  })
} finally {
  await rm(place, { recursive: true, force: true })
}

/**
 * Images of two layers: one that is its own, and one that it shares with nine others. Written bare, as a store would
 * have, for putting so many takes long.
 */
async function fill(root: string): Promise<string[]> {
  await openFilesystemStore(root)
  const writeBlob = async (content: Buffer) => {
    const digest = sha256(content)
    await writeFile(join(root, 'blobs/sha256', hex(digest)), content)
    return { digest, size: content.length }
  }
  const writeLayer = async (name: string) => {
    const blob = await writeBlob(Buffer.from(`layer ${name} `.repeat(100)))
    const diffId = sha256(Buffer.from(name))
    await writeFile(join(root, 'contents', hex(diffId)), JSON.stringify(blob))
    return { mediaType: MEDIA_TYPES.layer, ...blob, diffId }
  }
  const writeImage = async (number: number) => {
    const shared = await writeLayer(`shared ${Math.floor(number / 10)}`)
    const parts = { layers: [shared, await writeLayer(`own ${number}`)], stack: 'tidemark-1', commit: null }
    const source = { ...parts, processTypes: { web: 'node server.js' } }
    const config = { mediaType: MEDIA_TYPES.config, ...(await writeBlob(imageConfig(source))) }
    const manifest = {
      mediaType: MEDIA_TYPES.manifest,
      ...(await writeBlob(imageManifest(source, config))),
    }
    const record = JSON.stringify({ ...manifest, config, layers: parts.layers })
    await writeFile(join(root, 'images', hex(manifest.digest)), record)
    return manifest.digest
  }
  return inBatches(
    Array.from({ length: IMAGES }, (_, number) => number),
    writeImage,
  )
}

/** The files that a removal takes away, found out by one. */
async function swept(original: string, doomed: readonly string[]): Promise<readonly string[]> {
  const root = await copied(original)
  const before = await filesOf(root)
  await (await openFilesystemStore(root)).removeAll(doomed, never)
  const left = new Set(await filesOf(root))
  await rm(root, { recursive: true })
  return before.filter(name => !left.has(name))
}

async function deleteBare(root: string, names: readonly string[]): Promise<void> {
  for (let i = 0; i < names.length; i += AT_A_TIME)
    await Promise.all(names.slice(i, i + AT_A_TIME).map(name => unlink(join(root, name))))
}

async function checkKept(
  root: string,
  store: ArtifactStore | undefined,
  kept: readonly string[],
): Promise<void> {
  for (const digest of kept) {
    const faults = await store?.verify(digest)
    if (faults?.length !== 0) throw new Error(`An image that was to stay is damaged: ${faults}`)
  }
  const records = await readdir(join(root, 'images'))
  if (records.length !== kept.length) throw new Error(`${records.length} images are left.`)
  await rm(root, { recursive: true })
}

async function copied(original: string): Promise<string> {
  const root = join(place, `copy-${copies++}`)
  await cp(original, root, { recursive: true })
  return root
}

async function filesOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && /\/(blobs\/sha256|images|contents)$/.test(entry.parentPath))
    .map(entry => join(entry.parentPath, entry.name).slice(root.length))
}
