import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ArtifactStore, ImageSource, StoredImage } from '../../src/artifacts/store.ts'
import { weigh } from '../../src/artifacts/usage.ts'
import { never, ROOM, StorePlace, type StoreUnderTest } from './artifact-store-place.ts'

const IMAGES = 24

/** What is on the disk, and how it goes. */
export function removalContract(under: StoreUnderTest): void {
  const place = new StorePlace(under)

  /** Images of a layer that all share and one of their own. */
  async function sources(count: number): Promise<ImageSource[]> {
    const shared = await place.source({ dep: 'shared '.repeat(1000) })
    const own = Array.from({ length: count }, (_, i) => place.source({ file: `own ${i}` }))
    return (await Promise.all(own)).map(source => ({
      ...source,
      layers: [...shared.layers.map(layer => ({ ...layer, at: 'node_modules' })), ...source.layers],
    }))
  }

  async function filled(
    name: string,
    count: number,
  ): Promise<{ store: ArtifactStore; stored: StoredImage[] }> {
    const store = await place.open(name)
    const stored: StoredImage[] = []
    for (const source of await sources(count)) stored.push(await store.put(source, ROOM, never))
    return { store, stored }
  }

  it('says what each image takes for itself and with others, and what removing some would free', async () => {
    const { store, stored } = await filled('used', 3)
    const [a, b, c] = stored.map(({ digest }) => digest) as [string, string, string]
    const before = await store.usage()
    const shared = stored[0]?.layers[0]?.size ?? 0
    assert.deepEqual([...before.images.keys()].toSorted(), [a, b, c].toSorted())
    for (const { digest, layers } of stored) {
      const usage = before.images.get(digest)
      assert.equal(usage?.shared, shared)
      assert.ok((usage?.own ?? 0) > (layers[1]?.size ?? 0), 'the manifest and the configuration are its own')
    }
    const own = [...before.images.values()].reduce((sum, usage) => sum + usage.own, 0)
    assert.equal(before.blobs, own + shared)
    assert.equal(before.temporary, 0)
    assert.equal(weigh(before, [a, b]).own, own - (before.images.get(c)?.own ?? 0))
    assert.equal(weigh(before, [a, b, c, 'unknown']).own, before.blobs)
    assert.equal((await store.removeAll([a, b], never)).bytes, weigh(before, [a, b]).own)
    assert.equal((await store.usage()).blobs, before.blobs - weigh(before, [a, b]).own)
    assert.equal((await store.usage()).images.get(c)?.shared, 0)
    await store.layers(c, never)
    assert.ok((await store.usage()).unpacked > 'shared '.length * 1000)
    await store.removeAll([c], never)
    assert.equal((await store.usage()).blobs, 0)
  })

  it('removes many at once, as often as asked, with what is gone among them', async () => {
    const { store, stored } = await filled('many', 6)
    const [kept = '', ...doomed] = stored.map(({ digest }) => digest)
    const unknown = `sha256:${'0'.repeat(64)}`
    assert.ok((await store.removeAll([unknown, ...doomed, ...doomed], never)).bytes > 0)
    assert.equal((await store.removeAll(doomed, never)).bytes, 0)
    for (const digest of doomed) assert.equal(await store.has(digest), false)
    assert.deepEqual(await store.verify(kept), [])
    assert.deepEqual(await store.verify(kept, { deep: false }), [])
    const again = await store.put((await sources(2))[1] as ImageSource, ROOM, never)
    assert.deepEqual(
      again.layers.map(layer => layer.isNew),
      [false, true],
    )
  })

  it('removes nothing when it is stopped before, and goes on where it was stopped', async () => {
    const { store, stored } = await filled('stopped', 3)
    const digests = stored.map(({ digest }) => digest)
    await assert.rejects(store.removeAll(digests, AbortSignal.abort()), { name: 'AbortError' })
    for (const digest of digests) assert.deepEqual(await store.verify(digest), [])
    const stop = new AbortController()
    const removing = store.removeAll(digests, stop.signal).catch(() => {})
    stop.abort()
    await removing
    await store.removeAll(digests, never)
    assert.equal((await store.usage()).blobs, 0)
  })

  it('leaves alone what puts count on meanwhile', async () => {
    const { store, stored } = await filled('busy', 8)
    const again = await sources(8)
    for (let round = 0; round < 4; round++) {
      const digests = stored.map(({ digest }) => digest)
      const [, ...put] = await Promise.all([
        store.removeAll(digests, never),
        ...again.map(source => store.put(source, ROOM, never)),
      ])
      // A put that was finished before its image was removed is gone; nothing is there in part.
      for (const { digest } of put)
        if (await store.has(digest)) assert.deepEqual(await store.verify(digest), [])
      for (const source of again) await store.put(source, ROOM, never)
      for (const digest of digests) assert.deepEqual(await store.verify(digest), [])
    }
  })

  it('keeps nothing of a put that came to nothing', async () => {
    const store = await place.open('nothing')
    const [source] = await sources(1)
    await assert.rejects(store.put(source as ImageSource, 100, never), { name: 'ImageTooLarge' })
    const { blobs, temporary } = await store.usage()
    assert.deepEqual([blobs, temporary], [0, 0])
  })

  describe('killed in the middle', () => {
    for (const calls of [0, 1, 4, 12, 16, 20, 24, 40]) {
      it(`is finished by the next start (after ${calls} calls)`, async () => {
        const name = `killed-${calls}`
        const { stored } = await filled(name, IMAGES)
        const [kept = '', ...doomed] = stored.map(({ digest }) => digest)
        await under.removeAndDie(await place.path(name), { digests: doomed, calls })
        const store = await place.open(name)
        const left = [kept]
        for (const digest of doomed) if (await store.has(digest)) left.push(digest)
        for (const digest of left) assert.deepEqual(await store.verify(digest), [])
        const { images, blobs, temporary } = await store.usage()
        assert.deepEqual([...images.keys()].toSorted(), left.toSorted())
        assert.equal(blobs, weigh({ images }, left).own, 'no blob is left that no image names')
        assert.equal(temporary, 0)
        await store.removeAll([kept, ...doomed], never)
        assert.equal((await store.usage()).blobs, 0)
      })
    }
  })
}
