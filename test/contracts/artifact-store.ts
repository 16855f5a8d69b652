import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdtemp, readFile, readlink, rm, stat, symlink, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type ArtifactStore, type ImageSource, ImageTooLarge } from '../../src/artifacts/store.ts'
import { exchangeContract } from './artifact-store-exchange.ts'
import { importContract } from './artifact-store-import.ts'
import { layerRefusalsContract } from './artifact-store-layer-refusals.ts'
import { never, ROOM, type StoreUnderTest, write } from './artifact-store-place.ts'
import { refusalsContract } from './artifact-store-refusals.ts'
import { removalContract } from './artifact-store-removal.ts'
import { whiteoutsContract } from './artifact-store-whiteouts.ts'

/** What every artifact store promises. */
export function artifactStoreContract(under: StoreUnderTest): void {
  describe(`artifact store: ${under.name}`, () => {
    describe('images built here', () => builtContract(under))
    describe('images from outside', () => importContract(under))
    describe('layers that remove', () => whiteoutsContract(under))
    describe('what is refused', () => refusalsContract(under))
    describe('layers that are refused', () => layerRefusalsContract(under))
    describe('what comes and goes', () => exchangeContract(under))
    describe('removal', () => removalContract(under))
  })
}

function builtContract(under: StoreUnderTest): void {
  let place: string
  let store: ArtifactStore
  let app: string

  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tidemark-store-'))
    store = await under.open(join(place, 'store'))
    app = join(place, 'app')
    await write(app, {
      Procfile: 'web: node server.js',
      'server.js': 'one',
      'node_modules/dep/index.js': 'dep',
    })
    await chmod(join(app, 'server.js'), 0o700)
    await symlink('dep/index.js', join(app, 'node_modules', 'main'))
  })
  after(() => rm(place, { recursive: true, force: true }))

  it('gives back what was put: files, executable bits and links, and nothing else of the modes', async () => {
    const stored = await store.put(image(app), ROOM, never)
    assert.match(stored.digest, /^sha256:[0-9a-f]{64}$/)
    const [dependencies = '', source = ''] = await store.layers(stored.digest, never)
    assert.equal(await readFile(join(source, 'app', 'server.js'), 'utf8'), 'one')
    assert.equal(await readFile(join(dependencies, 'app', 'node_modules/dep/index.js'), 'utf8'), 'dep')
    assert.equal(await readlink(join(dependencies, 'app', 'node_modules/main')), 'dep/index.js')
    assert.equal((await stat(join(source, 'app', 'server.js'))).mode & 0o7777, 0o755)
    assert.equal((await stat(join(source, 'app', 'Procfile'))).mode & 0o7777, 0o644)
    assert.equal((await stat(join(dependencies, 'app', 'node_modules'))).mode & 0o7777, 0o755)
    await assert.rejects(stat(join(source, 'app', 'node_modules')), { code: 'ENOENT' })
  })

  it('gives the same digest for the same content, whenever and wherever it was written', async () => {
    const first = await store.put(image(app), ROOM, never)
    const copy = join(place, 'copy')
    await cp(app, copy, { recursive: true, verbatimSymlinks: true })
    await utimes(join(copy, 'server.js'), 1, 1)
    const elsewhere = await under.open(join(place, 'elsewhere'))
    assert.equal((await elsewhere.put(image(copy), ROOM, never)).digest, first.digest)
    assert.deepEqual(await store.put(image(copy), ROOM, never), {
      ...first,
      layers: first.layers.map(layer => ({ ...layer, isNew: false })),
    })
  })

  it('neither packs nor stores a layer that did not change', async () => {
    const before = await store.put(image(app), ROOM, never)
    await write(app, { 'server.js': 'two' })
    const after = await store.put(image(app), ROOM, never)
    assert.deepEqual(
      after.layers.map(layer => layer.isNew),
      [false, true],
    )
    assert.equal(after.layers[0]?.digest, before.layers[0]?.digest)
    assert.notEqual(after.digest, before.digest)
    assert.equal(
      after.size,
      after.layers.reduce((sum, layer) => sum + layer.size, 0),
    )
  })

  it('distinguishes images of the same files by commit, stack and process types', async () => {
    const digests = await Promise.all(
      [{}, { commit: 'c2' }, { stack: 's2' }, { processTypes: { web: 'x' } }].map(
        async change => (await store.put({ ...image(app), ...change }, ROOM, never)).digest,
      ),
    )
    assert.equal(new Set(digests).size, 4)
  })

  it('keeps what it stored over a restart', async () => {
    const stored = await store.put(image(app), ROOM, never)
    const restarted = await under.open(join(place, 'store'))
    assert.equal(await restarted.has(stored.digest), true)
    assert.deepEqual(await restarted.verify(stored.digest), [])
    assert.deepEqual(
      (await restarted.put(image(app), ROOM, never)).layers.map(layer => layer.isNew),
      [false, false],
    )
    const [, source = ''] = await restarted.layers(stored.digest, never)
    assert.equal(await readFile(join(source, 'app', 'server.js'), 'utf8'), 'two')
    store = restarted
  })

  it('refuses an image over the limit with its true size, and keeps nothing of it', async () => {
    const large = join(place, 'large')
    await write(large, { noise: randomBytes(300_000) })
    const source: ImageSource = { ...image(large), layers: [{ directory: large, at: '', exclude: [] }] }
    const fault = await store.put(source, 100_000, never).then(
      () => assert.fail('stored'),
      (error: unknown) => error,
    )
    assert.ok(fault instanceof ImageTooLarge)
    assert.ok(fault.size > 300_000 && fault.size < 310_000, String(fault.size))
    const stored = await store.put(source, ROOM, never)
    assert.equal(stored.layers[0]?.isNew, true)
    assert.equal(stored.size, fault.size)
  })

  it('removes an image and the layers nobody else uses, as often as asked', async () => {
    await write(app, { 'server.js': 'three' })
    const three = await store.put(image(app), ROOM, never)
    await write(app, { 'server.js': 'four' })
    const four = await store.put(image(app), ROOM, never)
    const { bytes: freed } = await store.remove(three.digest)
    assert.ok(freed >= (three.layers[1]?.size ?? 0), `freed ${freed}`)
    assert.equal((await store.remove(three.digest)).bytes, 0)
    assert.equal(await store.has(three.digest), false)
    assert.equal(await store.has(four.digest), true)
    assert.deepEqual(await store.verify(four.digest), [])
    assert.match((await store.verify(three.digest)).join(), /not in the artifact store/)
    await assert.rejects(store.layers(three.digest, never), /not in the artifact store/)
  })

  it('takes the same image from many at once, while others are removed', async () => {
    const sources = await Promise.all(
      [0, 1, 2, 3].map(async n => {
        const directory = join(place, `many-${n % 2}-${n}`)
        await write(directory, {
          'server.js': `many ${n % 2}`,
          'node_modules/dep/index.js': `many ${n % 2}`,
        })
        return image(directory)
      }),
    )
    const doomed = await store.put(image(app), ROOM, never)
    const [stored] = await Promise.all([
      Promise.all(sources.map(source => store.put(source, ROOM, never))),
      store.remove(doomed.digest),
    ])
    assert.equal(new Set(stored.map(image => image.digest)).size, 2)
    for (const { digest } of stored) assert.deepEqual(await store.verify(digest), [])
  })

  it('unpacks once for many who ask at once', async () => {
    const stored = await store.put(image(app), ROOM, never)
    const asked = await Promise.all([1, 2, 3, 4].map(() => store.layers(stored.digest, never)))
    assert.equal(new Set(asked.map(layers => layers.join())).size, 1)
  })

  it('drops unpacked layers of images that are not kept, and unpacks them again when asked', async () => {
    const kept = await store.put(image(app), ROOM, never)
    const [shared = '', own = ''] = await store.layers(kept.digest, never)
    await write(app, { 'server.js': 'five' })
    const dropped = await store.put(image(app), ROOM, never)
    const [, other = ''] = await store.layers(dropped.digest, never)
    await store.pruneUnpacked([kept.digest], 0)
    // Asked for lately, so a dyno may be about to start on it.
    assert.ok((await stat(other)).isDirectory())
    await store.pruneUnpacked([kept.digest], Number.POSITIVE_INFINITY)
    for (const directory of [shared, own]) assert.ok((await stat(directory)).isDirectory())
    await assert.rejects(stat(other), { code: 'ENOENT' })
    const [, again = ''] = await store.layers(dropped.digest, never)
    assert.equal(await readFile(join(again, 'app', 'server.js'), 'utf8'), 'five')
  })

  it('refuses a link that leads out of the app', async () => {
    const linked = join(place, 'linked')
    await write(linked, { file: 'x' })
    await symlink('../../etc/passwd', join(linked, 'out'))
    await assert.rejects(
      store.put({ ...image(linked), layers: [{ directory: linked, at: '', exclude: [] }] }, ROOM, never),
      /link out leads to \.\.\/\.\.\/etc\/passwd, outside the app/,
    )
  })

  it('stops when it is told to', async () => {
    const fresh = join(place, 'fresh')
    await write(fresh, { noise: randomBytes(1000) })
    await assert.rejects(
      store.put(
        { ...image(fresh), layers: [{ directory: fresh, at: '', exclude: [] }] },
        ROOM,
        AbortSignal.abort(),
      ),
      { name: 'AbortError' },
    )
  })
}

/** An image of `directory`: its node_modules below, the rest above. */
function image(directory: string): ImageSource {
  return {
    layers: [
      { directory: join(directory, 'node_modules'), at: 'node_modules', exclude: [] },
      { directory, at: '', exclude: ['node_modules'] },
    ],
    processTypes: { web: 'node server.js' },
    stack: 'tidemark-1',
    commit: 'de63889',
  }
}
