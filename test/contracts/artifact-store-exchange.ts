import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { ArtifactStore } from '../../src/artifacts/store.ts'
import { never, ROOM, StorePlace, type StoreUnderTest } from './artifact-store-place.ts'
import { archive, image, inFrames, layer, sent, type TarEntry, tar, UNPACKABLE } from './image-archive.ts'

/** Images that leave a store and come back, and slugs. */
export function exchangeContract(under: StoreUnderTest): void {
  const place = new StorePlace(under)
  const exported = (store: ArtifactStore, digest: string) => buffer(store.exportImage(digest, never))
  const SLUG = { processTypes: { web: 'node a.js' }, stack: 'tidemark-1', commit: 'de63889', maxBytes: ROOM }

  it('exports an image as the same bytes each time, which another store takes to the same digest', async () => {
    const [store, other] = [await place.open(), await place.open()]
    const source = await place.source({ 'server.js': 'one', large: 'x'.repeat(3_000_000) })
    const { digest, size } = await store.put({ ...source, commit: 'de63889' }, ROOM, never)
    const bytes = await exported(store, digest)
    assert.ok(bytes.equals(await exported(store, digest)))
    const taken = await other.importImage(sent(bytes), { maxBytes: size }, never)
    assert.deepEqual([taken.digest, taken.size, taken.hasApp], [digest, size, true])
    assert.deepEqual([taken.processTypes, taken.stack], [source.processTypes, source.stack])
    assert.deepEqual([taken.commit, taken.workingDirectory], ['de63889', '/app'])
    assert.deepEqual([taken.environment, taken.user], [['HOME=/app'], ''])
    assert.ok(bytes.equals(await exported(other, digest)))
    const [directory = ''] = await other.layers(digest, never)
    assert.equal(await readFile(join(directory, 'app/server.js'), 'utf8'), 'one')
  })

  it('exports what it imported', async () => {
    const [store, other] = [await place.open(), await place.open()]
    const made = image([
      await layer([{ name: 'app/a', content: 'a' }], 'tar+gzip'),
      await layer([{ name: 'app/.wh.a', content: '' }], 'tar'),
    ])
    await store.importImage(sent(await archive(made)), { maxBytes: ROOM }, never)
    const bytes = await exported(store, made.manifest.digest)
    const taken = await other.importImage(sent(bytes), { maxBytes: ROOM }, never)
    assert.equal(taken.digest, made.manifest.digest)
  })

  it('exports nothing of an image that is not there, or when it is told to stop', async () => {
    const store = await place.open()
    const missing = `sha256:${'0'.repeat(64)}`
    await assert.rejects(exported(store, missing), /not in the artifact store/)
    const { digest } = await store.put(await place.source({ a: 'a' }), ROOM, never)
    await assert.rejects(buffer(store.exportImage(digest, AbortSignal.abort())), { name: 'AbortError' })
  })

  it('keeps the bytes of an image until its export is through, whoever removes it, and not longer', async () => {
    const [store, other] = [await place.open(), await place.open()]
    const made = image([await layer([{ name: 'app/a', content: 'x'.repeat(2_000_000) }], 'tar')])
    const { digest } = await store.importImage(sent(await archive(made)), { maxBytes: ROOM }, never)
    const removing = async function* () {
      let isFirst = true
      for await (const chunk of store.exportImage(digest, never)) {
        yield chunk
        if (isFirst) await store.removeAll([digest], never)
        isFirst = false
      }
    }
    const taken = await other.importImage(removing(), { maxBytes: ROOM }, never)
    assert.equal(taken.digest, digest)
    assert.equal(await store.has(digest), false)
    assert.equal((await store.usage()).blobs, 0)
  })

  it('ends an export that nobody reads any more', async () => {
    const store = await place.open()
    const { digest } = await store.put(await place.source({ a: 'a'.repeat(2_000_000) }), ROOM, never)
    for await (const _ of store.exportImage(digest, never)) break
    await store.removeAll([digest], never)
    assert.equal((await store.usage()).blobs, 0)
  })

  for (const [name, squeeze] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['zstd in several frames', inFrames],
    ['nothing', (bytes: Buffer) => bytes],
  ] as const) {
    it(`takes a slug packed with ${name}`, async () => {
      const store = await place.open()
      const entries: TarEntry[] = [
        { name: './app/', type: 'directory' },
        { name: './app/a.js', content: 'a', mode: 0o755 },
        { name: './app/current', type: 'symlink', linkname: '/app/a.js' },
      ]
      const slug = squeeze(await tar(entries))
      const stored = await store.importSlug(Readable.from(sent(slug)), SLUG, never)
      const [directory = ''] = await store.layers(stored.digest, never)
      assert.equal(await readFile(join(directory, 'app/a.js'), 'utf8'), 'a')
      assert.equal((await store.usage()).temporary, 0)
      // The same as if it had been built here.
      const again = await store.importSlug(sent(slug), SLUG, never)
      assert.deepEqual([again.digest, again.layers[0]?.isNew], [stored.digest, false])
    })
  }

  for (const [what, entries, sentence] of [
    ['is not in ./app', [{ name: 'server.js', content: 'x' }], /"server\.js" lies outside of \.\/app/],
    ['is nothing', [], /has no directory \.\/app/],
    ['is no directory', [{ name: 'app', content: 'x' }], /has no directory \.\/app/],
    ['climbs', [{ name: './app/../../x', content: 'x' }], /contains "\.\."/],
    ['links out', [{ name: 'app/x', type: 'symlink', linkname: '/etc/passwd' }], /outside the app/],
    ['is a device', [{ name: 'app/null', type: 'character-device' }], /is a character-device/],
    ...UNPACKABLE.map(([what, entry, sentence]): [string, TarEntry[], RegExp] => [
      what,
      [{ ...entry, name: `app/${entry.name}` }],
      sentence,
    ]),
  ] satisfies [string, TarEntry[], RegExp][]) {
    it(`refuses a slug whose content ${what}`, async () => {
      const store = await place.open()
      const slug = gzipSync(await tar(entries))
      await assert.rejects(store.importSlug(sent(slug), SLUG, never), {
        name: 'ImageRefused',
        message: sentence,
      })
      const { blobs, temporary } = await store.usage()
      assert.deepEqual([blobs, temporary], [0, 0])
    })
  }

  it('refuses a slug that is larger than it may be, packed or unpacked, and one that is cut short', async () => {
    const store = await place.open()
    const slug = gzipSync(await tar([{ name: 'app/zeros', content: Buffer.alloc(3_000_000) }]))
    const unpacked = { entries: 100, bytes: 1_000_000 }
    await assert.rejects(store.importSlug(sent(slug), { ...SLUG, unpacked }, never), { name: 'ImageRefused' })
    await assert.rejects(store.importSlug(sent(slug), { ...SLUG, maxBytes: 10 }, never), {
      name: 'ImageTooLarge',
    })
    await assert.rejects(store.importSlug(sent(slug.subarray(0, 500)), SLUG, never), {
      name: 'ImageRefused',
      message: /damaged or cut short/,
    })
    await assert.rejects(store.importSlug(sent(slug), SLUG, AbortSignal.abort()), { name: 'AbortError' })
    assert.equal((await store.usage()).temporary, 0)
  })

  it('does not write outside of its own place', async () => {
    const store = await place.open('careful')
    const slug = await tar([
      { name: 'app/out', type: 'symlink', linkname: '..' },
      { name: 'app/out/escaped', content: 'x' },
    ])
    await assert.rejects(store.importSlug(sent(slug), SLUG, never), { name: 'ImageRefused' })
    await assert.rejects(access(join(await place.path('careful'), 'temporary', 'escaped')), {
      code: 'ENOENT',
    })
  })
}
