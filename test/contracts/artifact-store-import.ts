import assert from 'node:assert/strict'
import { access, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { ArtifactStore, ImportedImage, ImportLimits } from '../../src/artifacts/store.ts'
import { never, ROOM, StorePlace, type StoreUnderTest } from './artifact-store-place.ts'
import {
  ARCHITECTURE,
  archive,
  blob,
  blobsOf,
  descriptor,
  type ImageMade,
  image,
  inFrames,
  layer,
  layout,
  OCI,
  type Packing,
  packedLayer,
  sent,
  tar,
} from './image-archive.ts'

/** Images that somebody else made, and how they are found in what is sent. */
export function importContract(under: StoreUnderTest): void {
  const place = new StorePlace(under)

  const take = (store: ArtifactStore, bytes: Buffer, limits: Partial<ImportLimits> = {}) =>
    store.importImage(sent(bytes), { maxBytes: ROOM, ...limits }, never)

  for (const packing of ['tar', 'tar+gzip', 'tar+zstd'] satisfies Packing[]) {
    it(`takes an image whose layers are ${packing}, and unpacks what lies in app/`, async () => {
      const store = await place.open()
      const made = image([
        await layer([{ name: 'etc/passwd', content: 'root' }], packing),
        await layer([{ name: './app/server.js', content: 'one', mode: 0o700 }], packing),
      ])
      const stored = await take(store, await archive(made))
      assert.equal(stored.digest, made.manifest.digest)
      assert.equal(stored.hasApp, true)
      assert.deepEqual(
        stored.layers,
        made.layers.map(({ digest, size }) => ({ digest, size, isNew: true })),
      )
      assert.equal(
        stored.size,
        made.layers.reduce((sum, { size }) => sum + size, 0),
      )
      assert.deepEqual(await store.verify(stored.digest), [])
      const directories = await store.layers(stored.digest, never)
      assert.equal(await readFile(join(directories[1] ?? '', 'app/server.js'), 'utf8'), 'one')
      await assert.rejects(access(join(directories[0] ?? '', 'etc')), { code: 'ENOENT' })
    })
  }

  it('takes a layer of Zstandard in several frames, as it is', async () => {
    const store = await place.open()
    const bytes = await tar([
      { name: 'app/a', content: 'a'.repeat(5000) },
      { name: 'app/b', content: 'b' },
    ])
    const made = image([packedLayer(bytes, 'tar+zstd', inFrames(bytes))])
    const stored = await take(store, await archive(made))
    const [directory = ''] = await store.layers(stored.digest, never)
    assert.equal(await readFile(join(directory, 'app/b'), 'utf8'), 'b')
  })

  it('takes a path and a link as long as they may be', async () => {
    const store = await place.open()
    const path = `app/${`${'d'.repeat(199)}/`.repeat(14)}${'f'.repeat(196)}`
    const [linkpath, content] = ['a/'.repeat(2048).slice(0, -1), 'x']
    const made = image([
      await layer([
        { name: path, content },
        { name: 'app/l', type: 'symlink', linkname: 'a', pax: { linkpath } },
      ]),
    ])
    const [directory = ''] = await store.layers((await take(store, await archive(made))).digest, never)
    assert.equal(await readFile(join(directory, path), 'utf8'), content)
    assert.equal(await readlink(join(directory, 'app/l')), linkpath)
  })

  for (const [name, squeeze] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    it(`takes an archive packed with ${name}, and the same image only once`, async () => {
      const store = await place.open()
      const bytes = squeeze(await archive(image([await layer([{ name: 'app/a', content: 'a' }])])))
      const first = await take(store, bytes)
      const second = await take(store, bytes)
      assert.deepEqual(second, { ...first, layers: first.layers.map(one => ({ ...one, isNew: false })) })
      assert.equal((await store.usage()).images.size, 1)
    })
  }

  it('takes manifests and layers as Docker calls them', async () => {
    const store = await place.open()
    const one = await layer([{ name: 'app/a', content: 'a' }])
    const docker = { ...one, mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }
    const oci = image([docker])
    const config = { ...oci.config, mediaType: 'application/vnd.docker.container.image.v1+json' }
    const type = 'application/vnd.docker.distribution.manifest.v2+json'
    const manifest = blob(type, {
      ...{ schemaVersion: 2, mediaType: type, config: descriptor(config), layers: [descriptor(docker)] },
    })
    const stored = await take(store, await archive({ config, manifest, layers: [docker] }))
    assert.equal(stored.digest, manifest.digest)
    const [directory = ''] = await store.layers(stored.digest, never)
    assert.equal(await readFile(join(directory, 'app/a'), 'utf8'), 'a')
  })

  it('keeps an imported image over a restart', async () => {
    const made = image([await layer([{ name: 'app/a', content: 'a' }])])
    await take(await place.open('kept'), await archive(made))
    const store = await place.open('kept')
    assert.deepEqual(await store.verify(made.manifest.digest), [])
    assert.equal((await store.layers(made.manifest.digest, never)).length, 1)
  })

  describe('what runs', () => {
    const imported = async (config: object, manifest?: object): Promise<ImportedImage> => {
      const made = image([await layer([{ name: 'srv/x', content: 'x' }])], {
        config,
        ...(manifest ? { manifest } : {}),
      })
      return take(await place.open(), await archive(made))
    }

    it('is the entry point and its arguments, as web, each a word of a command line', async () => {
      const stored = await imported({
        ...{ Entrypoint: ['/bin/sh', '-c'], Cmd: ["echo 'it is' $PORT"] },
        ...{ WorkingDir: '/srv', Env: ['PATH=/bin', 'EMPTY='], User: 'app:app' },
      })
      assert.deepEqual(stored.processTypes, { web: "/bin/sh -c 'echo '\\''it is'\\'' $PORT'" })
      assert.equal(stored.workingDirectory, '/srv')
      assert.deepEqual(stored.environment, ['PATH=/bin', 'EMPTY='])
      assert.equal(stored.user, 'app:app')
      assert.deepEqual([stored.stack, stored.commit, stored.hasApp], [null, null, false])
    })

    it('is nothing where the image says nothing', async () => {
      const stored = await imported({ Entrypoint: null, Cmd: null, Env: null, Labels: null })
      assert.deepEqual(stored.processTypes, {})
      assert.deepEqual([stored.workingDirectory, stored.user, stored.environment], ['/', '', []])
    })

    it('is what the label says that our own exports have', async () => {
      const Labels = {
        'tidemark.process-types': '{"web":"node a.js","release":"rake db:migrate"}',
        'tidemark.stack': 'tidemark-1',
        'org.opencontainers.image.revision': 'de63889',
      }
      const stored = await imported({ Labels, Cmd: ['other'] })
      assert.deepEqual(stored.processTypes, { web: 'node a.js', release: 'rake db:migrate' })
      assert.deepEqual([stored.stack, stored.commit], ['tidemark-1', 'de63889'])
    })

    for (const label of ['[]', '{', '{"web":1}', '{"a b":"x"}', '{"web":""}', '{"web\\nx":"y"}', 'null'])
      it(`is refused when that label is ${label}`, async () => {
        await assert.rejects(imported({ Labels: { 'tidemark.process-types': label } }), {
          name: 'ImageRefused',
          message: /label tidemark\.process-types does not say what runs/,
        })
      })

    it('is refused with an environment that is none', async () => {
      await assert.rejects(imported({ Env: ['=x'] }), { name: 'ImageRefused', message: /no NAME=value/ })
    })
  })

  describe('which image', () => {
    const one = async (content: string, document?: object): Promise<ImageMade> =>
      image([await layer([{ name: 'app/a', content }])], document ? { document } : {})
    const named = (made: ImageMade, name: string) => ({
      ...descriptor(made.manifest),
      annotations: { 'org.opencontainers.image.ref.name': name },
    })

    it('is the one for this machine, in an index in an index', async () => {
      const [ours, other] = [await one('ours'), await one('other', { architecture: 's390x' })]
      const inner = blob(`${OCI}.index.v1+json`, {
        schemaVersion: 2,
        manifests: [
          { ...descriptor(other.manifest), platform: { os: 'linux', architecture: 's390x' } },
          { ...descriptor(ours.manifest), platform: { os: 'linux', architecture: ARCHITECTURE } },
        ],
      })
      // Of the other, nothing at all needs to be there.
      const bytes = await layout([...blobsOf(ours), inner], [descriptor(inner)])
      assert.equal((await take(await place.open(), bytes)).digest, ours.manifest.digest)
    })

    it('is found by each of the names that its index has', async () => {
      const store = await place.open()
      const [a, b] = [await one('a'), await one('b')]
      const inner = blob(`${OCI}.index.v1+json`, { schemaVersion: 2, manifests: [descriptor(a.manifest)] })
      const names = ['app:1', 'app:latest'].map(name => named({ ...a, manifest: inner }, name))
      const bytes = await layout([...blobsOf(a), ...blobsOf(b), inner], [...names, named(b, 'app:b')])
      for (const image of ['app:1', 'app:latest', inner.digest])
        assert.equal((await take(store, bytes, { image })).digest, a.manifest.digest)
    })

    it('has to be said when there are several', async () => {
      const store = await place.open()
      const [a, b] = [await one('a'), await one('b')]
      const bytes = await layout([...blobsOf(a), ...blobsOf(b)], [named(a, 'app:a'), named(b, 'app:b')])
      await assert.rejects(take(store, bytes), {
        name: 'ImageRefused',
        message: 'The archive holds several images: app:a, app:b. Say which one to take.',
      })
      assert.equal((await take(store, bytes, { image: 'app:b' })).digest, b.manifest.digest)
      assert.equal((await take(store, bytes, { image: a.manifest.digest })).digest, a.manifest.digest)
      await assert.rejects(take(store, bytes, { image: 'app:c' }), {
        name: 'ImageRefused',
        message: /holds no image "app:c"\. It holds app:a, app:b\./,
      })
    })

    it('is none when all are for other machines', async () => {
      const other = await one('other', { architecture: 's390x' })
      await assert.rejects(take(await place.open(), await archive(other)), {
        name: 'ImageRefused',
        message: new RegExp(`no image for linux/${ARCHITECTURE}.*but for linux/s390x`),
      })
      const windows = await one('other', { os: 'windows' })
      await assert.rejects(take(await place.open(), await archive(windows)), { name: 'ImageRefused' })
      await assert.rejects(take(await place.open(), await layout([], [])), { name: 'ImageRefused' })
    })
  })

  it('gives a layer once that an image names twice', async () => {
    const store = await place.open()
    const twice = await layer([{ name: 'app/a', content: 'a' }])
    const stored = await take(store, await archive(image([twice, twice])))
    assert.equal((await store.layers(stored.digest, never)).length, 1)
    assert.equal(stored.size, twice.size)
    assert.equal(stored.layers.length, 2)
  })
}
