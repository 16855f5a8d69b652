import assert from 'node:assert/strict'
import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import type { ArtifactStore } from '../../src/artifacts/store.ts'
import { never, ROOM, StorePlace, type StoreUnderTest } from './artifact-store-place.ts'
import { archive, image, layer, sent } from './image-archive.ts'

/** Layers that take away what lower ones hold. */
export function whiteoutsContract(under: StoreUnderTest): void {
  const place = new StorePlace(under)

  const take = (store: ArtifactStore, bytes: Buffer) =>
    store.importImage(sent(bytes), { maxBytes: ROOM }, never)

  it('take away what lower layers hold, and only that', async () => {
    const store = await place.open()
    const made = image([
      await layer([
        ...['app/gone', 'app/kept', 'app/emptied/old', 'app/kind/file', 'app/tree/deep/file'].map(name => ({
          name,
          content: 'low',
        })),
        { name: 'app/link', type: 'symlink', linkname: 'emptied' },
      ]),
      await layer([
        { name: 'app/.wh.gone', content: '' },
        { name: 'app/.wh.tree', content: '' },
        { name: 'app/emptied/.wh..wh..opq', content: '' },
        { name: 'app/emptied/new', content: 'high' },
        { name: 'app/.wh.kind', content: '' },
        { name: 'app/kind', content: 'now a file' },
        // Through a link nothing is removed.
        { name: 'app/link/.wh.new', content: '' },
      ]),
    ])
    const stored = await take(store, await archive(made))
    const [merged = '', ...others] = await store.layers(stored.digest, never)
    assert.deepEqual(others, [])
    assert.deepEqual((await readdir(join(merged, 'app'))).toSorted(), ['emptied', 'kept', 'kind', 'link'])
    assert.deepEqual(await readdir(join(merged, 'app/emptied')), ['new'])
    assert.equal(await readFile(join(merged, 'app/kind'), 'utf8'), 'now a file')
    assert.deepEqual(await store.layers(stored.digest, never), [merged])
    // Only what nobody keeps goes.
    await store.pruneUnpacked([stored.digest], Number.POSITIVE_INFINITY)
    assert.equal(await readFile(join(merged, 'app/emptied/new'), 'utf8'), 'high')
    await store.pruneUnpacked([], Number.POSITIVE_INFINITY)
    await assert.rejects(access(merged), { code: 'ENOENT' })
  })

  it('elsewhere than in app/ leave the layers as they are', async () => {
    const store = await place.open()
    const made = image([
      await layer([{ name: 'app/a', content: 'a' }]),
      await layer([{ name: 'etc/.wh.motd', content: '' }]),
    ])
    const stored = await take(store, await archive(made))
    assert.equal((await store.layers(stored.digest, never)).length, 2)
  })

  it('may take all of app/ away', async () => {
    const store = await place.open()
    const made = image([
      await layer([{ name: 'app/a', content: 'a' }]),
      await layer([{ name: '.wh.app', content: '' }]),
      await layer([{ name: 'app/b', content: 'b' }]),
    ])
    const [merged = ''] = await store.layers((await take(store, await archive(made))).digest, never)
    assert.deepEqual(await readdir(join(merged, 'app')), ['b'])
  })
}
