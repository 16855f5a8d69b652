import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ImageSource, StoredImage } from '../store.ts'
import { openFilesystemStore } from './filesystem.ts'

const never = new AbortController().signal
const ROOM = 100_000_000

describe('file system store', () => {
  let place: string
  let count = 0
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tidemark-filesystem-'))
  })
  after(() => rm(place, { recursive: true, force: true }))

  async function image(content: string | Buffer): Promise<ImageSource> {
    const directory = join(place, `app-${count++}`)
    await mkdir(directory)
    await writeFile(join(directory, 'file'), content)
    return {
      layers: [{ directory, at: '', exclude: [] }],
      processTypes: {},
      stack: 'tidemark-1',
      commit: null,
    }
  }

  const blob = (root: string, digest: string) => join(root, 'blobs/sha256', digest.slice('sha256:'.length))
  const layer = (stored: StoredImage) => stored.layers[0]?.digest ?? assert.fail('no layer')

  it('is an OCI image layout that other programs can read', async () => {
    const root = join(place, 'layout')
    const store = await openFilesystemStore(root)
    const stored = await Promise.all(
      ['a', 'b', 'c'].map(async name => store.put(await image(name), ROOM, never)),
    )
    const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'))
    assert.deepEqual(await json(join(root, 'oci-layout')), { imageLayoutVersion: '1.0.0' })
    const index = await json(join(root, 'index.json'))
    assert.deepEqual(
      index.manifests.map((entry: { digest: string }) => entry.digest),
      stored.map(image => image.digest).sort(),
    )
    const manifest = await json(blob(root, stored[0]?.digest ?? ''))
    assert.equal(manifest.layers[0].mediaType, 'application/vnd.oci.image.layer.v1.tar+zstd')
    assert.equal(manifest.layers[0].size, (await stat(blob(root, manifest.layers[0].digest))).size)
    assert.equal((await json(blob(root, manifest.config.digest))).rootfs.diff_ids.length, 1)
  })

  it('clears up after a crash: temporaries, layers without an image, an index that is behind', async () => {
    const root = join(place, 'crashed')
    const stored = await (await openFilesystemStore(root)).put(await image('x'), ROOM, never)
    const orphan = join(root, 'blobs/sha256', 'f'.repeat(64))
    // Of a process whose number another program may have by now.
    const unfinished = join(root, 'temporary', `${process.ppid}-left`)
    for (const path of [orphan, unfinished]) await writeFile(path, 'left')
    await rm(join(root, 'index.json'))
    const store = await openFilesystemStore(root)
    assert.deepEqual([existsSync(orphan), existsSync(unfinished)], [false, false])
    assert.deepEqual(await store.verify(stored.digest), [])
    assert.equal(JSON.parse(await readFile(join(root, 'index.json'), 'utf8')).manifests.length, 1)
  })

  it('finds damage: verify names it, unpacking refuses it and leaves nothing', async () => {
    const root = join(place, 'damaged')
    const store = await openFilesystemStore(root)
    const stored = await store.put(await image(randomBytes(10_000)), ROOM, never)
    const path = blob(root, layer(stored))
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
    await writeFile(path, bytes)
    assert.match((await store.verify(stored.digest)).join(), /is damaged/)
    await assert.rejects(store.layers(stored.digest, never), /could not be unpacked|is damaged/)
    assert.deepEqual(await readdir(join(root, 'temporary')), [])
    assert.deepEqual(await readdir(join(root, 'unpacked')), ['.boot'])
    await appendFile(path, 'more')
    assert.match((await store.verify(stored.digest)).join(), /bytes instead of/)
    await rm(path)
    assert.match((await store.verify(stored.digest)).join(), /is missing/)
  })

  it('notices a blob that changed though its unpacked form is there, and a deploy of the same repairs it', async () => {
    const root = join(place, 'changed')
    const store = await openFilesystemStore(root)
    const source = await image(randomBytes(10_000))
    const stored = await store.put(source, ROOM, never)
    await store.layers(stored.digest, never)
    const path = blob(root, layer(stored))
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
    await writeFile(path, bytes)
    await assert.rejects(store.layers(stored.digest, never), /is damaged.* Deploy the app again/)
    assert.deepEqual(await store.verify(stored.digest, { deep: false }), [])
    assert.equal((await store.put(source, ROOM, never)).layers[0]?.isNew, true)
    assert.deepEqual(await store.verify(stored.digest), [])
    assert.equal((await store.layers(stored.digest, never)).length, 1)
    await rm(path)
    await assert.rejects(store.layers(stored.digest, never), /is missing.* Deploy the app again/)
    assert.match((await store.verify(stored.digest, { deep: false })).join(), /is missing/)
  })

  it('reads the records of earlier versions, and damaged ones, from the manifest', async () => {
    const root = join(place, 'earlier')
    const stored = await (await openFilesystemStore(root)).put(await image('x'), ROOM, never)
    const record = join(root, 'images', stored.digest.slice('sha256:'.length))
    const { mediaType, digest, size } = JSON.parse(await readFile(record, 'utf8'))
    for (const content of [JSON.stringify({ mediaType, digest, size }), '{']) {
      await writeFile(record, content)
      const store = await openFilesystemStore(root)
      assert.deepEqual(await store.verify(stored.digest), [])
      assert.equal((await store.layers(stored.digest, never)).length, 1)
    }
  })

  it('finishes a removal that got as far as the records', async () => {
    const root = join(place, 'half')
    const first = await openFilesystemStore(root)
    const [gone, kept] = [
      await first.put(await image('gone'), ROOM, never),
      await first.put(await image('kept'), ROOM, never),
    ]
    await rm(join(root, 'images', gone.digest.slice('sha256:'.length)))
    const store = await openFilesystemStore(root)
    assert.equal((await readdir(join(root, 'blobs/sha256'))).length, 3)
    assert.equal((await readdir(join(root, 'contents'))).length, 1)
    const index = JSON.parse(await readFile(join(root, 'index.json'), 'utf8'))
    assert.deepEqual(
      index.manifests.map((entry: { digest: string }) => entry.digest),
      [kept.digest],
    )
    assert.equal((await store.removeAll([gone.digest], never)).bytes, 0)
    assert.deepEqual(await store.verify(kept.digest), [])
  })

  it('refuses a file whose name would take something away in an image', async () => {
    const store = await openFilesystemStore(join(place, 'marked'))
    const source = await image('x')
    await writeFile(join(source.layers[0]?.directory ?? '', '.wh.file'), '')
    await assert.rejects(store.put(source, ROOM, never), /\.wh\.file has a name that begins with/)
  })

  it('refuses a file whose path is too long to be unpacked everywhere', async () => {
    const store = await openFilesystemStore(join(place, 'long'))
    const source = await image('x')
    const deep = join(source.layers[0]?.directory ?? '', `${'d'.repeat(249)}/`.repeat(12))
    await mkdir(deep, { recursive: true })
    await assert.rejects(store.put(source, ROOM, never), /a path of more than 3,000 bytes/)
  })

  it('stores little for many one-line deploys', async () => {
    const root = join(place, 'many')
    const store = await openFilesystemStore(root)
    const modules = join(place, 'modules')
    await mkdir(modules)
    await writeFile(join(modules, 'noise'), randomBytes(1_000_000))
    for (let i = 0; i < 20; i++) {
      const { layers, ...rest } = await image(`line ${i}`)
      await store.put(
        { ...rest, layers: [{ directory: modules, at: 'node_modules', exclude: [] }, ...layers] },
        ROOM,
        never,
      )
    }
    const blobs = await Promise.all(
      (await readdir(join(root, 'blobs/sha256'))).map(name => stat(join(root, 'blobs/sha256', name))),
    )
    const bytes = blobs.reduce((sum, stats) => sum + stats.size, 0)
    assert.ok(bytes < 1.1 * 1_000_000, `${bytes} bytes`)
  })

  async function onSmallDisk(size: string, use: (root: string) => Promise<void>): Promise<void> {
    const root = join(place, `disk-${count++}`)
    await mkdir(root)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', root])
    try {
      await use(root)
    } finally {
      execFileSync('umount', [root])
    }
  }

  const canMount = process.getuid?.() === 0 && process.platform === 'linux'
  it('says so when the disk is full, and leaves nothing', {
    skip: canMount ? false : 'only root can mount a small disk',
  }, async () => {
    await onSmallDisk('1m', async root => {
      const store = await openFilesystemStore(root)
      await assert.rejects(
        store.put(await image(randomBytes(3_000_000)), ROOM, never),
        /No space is left on the artifact store's disk/,
      )
      assert.deepEqual(await readdir(join(root, 'temporary')), [])
      assert.deepEqual(await readdir(join(root, 'blobs/sha256')), [])
      assert.equal((await store.put(await image('small'), ROOM, never)).layers[0]?.isNew, true)
    })
  })

  it('removes images from a disk that has no room left, not even for its index', {
    skip: canMount ? false : 'only root can mount a small disk',
  }, async () => {
    await onSmallDisk('2m', async root => {
      const store = await openFilesystemStore(join(root, 'artifacts'))
      const digests: string[] = []
      while (digests.length < 60) digests.push((await store.put(await image(`${count}`), ROOM, never)).digest)
      const fill = async () => {
        for (;;) await appendFile(join(root, 'log'), Buffer.alloc(4096))
      }
      await assert.rejects(fill, { code: 'ENOSPC' })
      const [kept = '', ...doomed] = digests
      // Nor does a start need it.
      await openFilesystemStore(join(root, 'artifacts'))
      assert.ok((await store.removeAll(doomed.slice(0, 1), never)).bytes > 0)
      await store.removeAll(doomed, never)
      const index = JSON.parse(await readFile(join(root, 'artifacts/index.json'), 'utf8'))
      assert.deepEqual(
        index.manifests.map((entry: { digest: string }) => entry.digest),
        [kept],
      )
      assert.deepEqual(await store.verify(kept), [])
    })
  })
})
