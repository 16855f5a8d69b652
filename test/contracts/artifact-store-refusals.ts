import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ImageTooLarge } from '../../src/artifacts/store.ts'
import { never, ROOM, StorePlace, type StoreUnderTest } from './artifact-store-place.ts'
import { keptNothing, refusals } from './artifact-store-refused.ts'
import {
  archive,
  type Blob,
  blob,
  blobsOf,
  descriptor,
  image,
  layer,
  layout,
  OCI,
  sent,
  tar,
} from './image-archive.ts'

/** What somebody may send that is no image, or not a harmless one. */
export function refusalsContract(under: StoreUnderTest): void {
  const place = new StorePlace(under)
  const { theStore, refused } = refusals(place)

  const good = async () => image([await layer([{ name: 'app/a', content: 'a'.repeat(5000) }])])
  const changed = (one: Blob, bytes: Buffer): Blob => ({ ...one, bytes })

  it('refuses blobs that are not what their digest or their descriptor says', async () => {
    const made = await good()
    const [first] = made.layers
    assert.ok(first)
    const noise = changed(first, Buffer.alloc(first.size, 'x'))
    const damaged = await layout([noise, made.config, made.manifest], [descriptor(made.manifest)])
    await refused(damaged, /is damaged: its content has another digest/)
    for (const [without, what] of [
      [first, 'layer'],
      [made.config, 'configuration'],
      [made.manifest, 'manifest'],
    ] as const) {
      const rest = blobsOf(made).filter(one => one !== without)
      await refused(
        await layout(rest, [descriptor(made.manifest)]),
        new RegExp(`does not hold ${what} ${without.digest}`),
      )
    }
    const larger = image([{ ...first, size: first.size + 1 }])
    await refused(await archive(larger), /has \d+ bytes, not \d+ as it says/)
  })

  it('refuses an upload that ends early, wherever it does', async () => {
    const whole = await archive(await good())
    for (const bytes of [whole, gzipSync(whole)])
      for (const part of [0, 0.2, 0.5, 0.9])
        await refused(bytes.subarray(0, Math.floor(bytes.length * part)), /^The archive /)
  })

  it('refuses an upload whose sender goes away', async () => {
    const store = await theStore()
    const whole = await archive(await good())
    const broken = async function* () {
      yield whole.subarray(0, 2000)
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
    }
    await assert.rejects(store.importImage(broken(), { maxBytes: ROOM }, never), {
      name: 'ImageRefused',
      message: /The upload ended before all of it was there/,
    })
    await keptNothing(store)
  })

  it('refuses what is no image at all', async () => {
    await refused(Buffer.from('not a tar, whatever it is'.repeat(1000)), /cannot be used/)
    await refused(Buffer.alloc(10_240), /no OCI image layout/)
    await refused(await tar([{ name: 'app/a', content: 'a' }]), /no OCI image layout/)
    await refused(await tar([{ name: 'manifest.json', content: '[]' }]), /older versions of docker save/)
    await refused(await tar([{ name: '../index.json', content: '{}' }]), /contains "\.\."/)
  })

  it('refuses documents that are not as they should be', async () => {
    const one = await layer([{ name: 'app/a', content: 'a' }])
    const withIndex = async (text: string) =>
      tar([
        { name: 'oci-layout', content: '{}' },
        { name: 'index.json', content: text },
      ])
    await refused(await withIndex('{'), /index is not as OCI and Docker write it: it is not JSON/)
    await refused(await withIndex('[]'), /where an object was expected/)
    await refused(await withIndex('{"schemaVersion":2}'), /where a list was expected/)
    await refused(await withIndex('{"schemaVersion":1,"manifests":[]}'), /schemaVersion/)
    await refused(await archive(image([one], { manifest: { layers: {} } })), /where a list was expected/)
    await refused(await archive(image([one], { document: { rootfs: {} } })), /where a list was expected/)
    await refused(await archive(image([one], { document: { rootfs: { diff_ids: [] } } })), /has 1 layers/)
    await refused(await archive(image([one], { config: { Env: [1] } })), /where a text was expected/)
    const sha512 = { mediaType: one.mediaType, digest: `sha512:${'0'.repeat(128)}`, size: 1 }
    await refused(await archive(image([one], { manifest: { layers: [sha512] } })), /is no digest/)
    const negative = { ...descriptor(one), size: -1 }
    await refused(await archive(image([one], { manifest: { layers: [negative] } })), /-1 is no size/)
  })

  it('refuses indexes that name more images than there are, and indexes without end', async () => {
    const one = await good()
    const index = (entries: readonly object[]) =>
      blob(`${OCI}.index.v1+json`, { schemaVersion: 2, manifests: entries })
    const times = (count: number, entry: Blob) => Array.from({ length: count }, () => descriptor(entry))
    const more = /names more than 1,000 images/
    await refused(await layout(blobsOf(one), times(1001, one.manifest)), more)
    const many = index(times(400, one.manifest))
    await refused(await layout([...blobsOf(one), many], times(400, many)), more)
    const none = index([])
    await refused(await layout([none], times(1001, none)), more)
    const deep = [none]
    for (let i = 0; i < 3; i++) deep.push(index(times(1, deep[i] ?? none)))
    await refused(await layout(deep, times(1, deep.at(-1) ?? none)), /indexes of indexes of indexes/)
  })

  it('refuses types that it does not know', async () => {
    const one = await layer([{ name: 'app/a', content: 'a' }])
    const foreign = {
      ...one,
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    }
    await refused(await archive(image([foreign])), /a layer of the type "application\/vnd\.docker.*foreign/)
    const made = image([one])
    const strange = { ...descriptor(made.manifest), mediaType: 'application/x' }
    await refused(await layout(blobsOf(made), [strange]), /the type "application\/x"/)
    const config = { ...descriptor(made.config), mediaType: 'application/y' }
    await refused(await archive(image([one], { manifest: { config } })), /a configuration of the type/)
  })

  it('refuses more layers than images have, by their number', async () => {
    const one = await layer([{ name: 'app/a', content: 'a' }])
    const many = image(Array.from({ length: 10_000 }, () => one))
    await refused(await archive(many), /The image has 10,000 layers; it may have 127\./)
    await refused(await archive(image([one, one])), /has 2 layers; it may have 1/, { layers: 1 })
  })

  it('refuses documents of more than 4 MB, before they are read', async () => {
    const large = image([], { document: { comment: 'x'.repeat(5_000_000) } })
    await refused(await archive(large), /configuration has \d+ bytes; it may have 4194304/)
    const manifest = image([], { manifest: { comment: 'x'.repeat(5_000_000) } })
    await refused(await archive(manifest), /manifest has \d+ bytes/)
    await refused(
      await tar([{ name: 'index.json', content: ' '.repeat(5_000_000) }]),
      /index\.json has 5000000 bytes/,
    )
  })

  it('refuses an image over the limit with its size, and keeps nothing of it', async () => {
    const store = await theStore()
    const made = await good()
    const size = made.layers.reduce((sum, one) => sum + one.size, 0)
    const over = store.importImage(sent(await archive(made)), { maxBytes: size - 1 }, never)
    await assert.rejects(over, error => error instanceof ImageTooLarge && error.size === size)
    await keptNothing(store)
    // Far more than may come is not even read.
    const noise = blob(`${OCI}.layer.v1.tar`, Buffer.alloc(20_000_000))
    const flood = store.importImage(sent(await layout([noise], [])), { maxBytes: 1000 }, never)
    await assert.rejects(flood, ImageTooLarge)
    await keptNothing(store)
  })

  it('stops when it is told to, and keeps nothing', async () => {
    const store = await theStore()
    const whole = await archive(await good())
    const stop = new AbortController()
    const stalled = async function* () {
      yield whole.subarray(0, 3000)
      stop.abort()
      await new Promise(resolve => setImmediate(resolve))
      yield whole.subarray(3000)
    }
    await assert.rejects(store.importImage(stalled(), { maxBytes: ROOM }, stop.signal), {
      name: 'AbortError',
    })
    await keptNothing(store)
  })
}
