import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { never, StorePlace, type StoreUnderTest } from './artifact-store-place.ts'
import { refusals } from './artifact-store-refused.ts'
import {
  archive,
  blob,
  image,
  layer,
  OCI,
  packedLayer,
  sent,
  type TarEntry,
  tar,
  UNPACKABLE,
} from './image-archive.ts'

/** Layers that would write where they must not, or are not what they say. */
export function layerRefusalsContract(under: StoreUnderTest): void {
  const { refused, theStore } = refusals(new StorePlace(under))

  const layersOf = async (entries: readonly TarEntry[]) => archive(image([await layer(entries)]))

  for (const [what, entry, sentence] of UNPACKABLE) {
    it(`refuses a layer in which something ${what}`, async () =>
      refused(await layersOf([{ ...entry, name: `app/${entry.name}` }]), sentence))
  }

  for (const [what, entries, sentence] of [
    ['leaves its root', [{ name: '../x', content: 'x' }], /"\.\.\/x" contains "\.\."/],
    ['climbs inside a name', [{ name: 'app/../../x', content: 'x' }], /contains "\.\."/],
    ['is absolute', [{ name: '/etc/x', content: 'x' }], /"\/etc\/x" is an absolute path/],
    [
      'writes through a link',
      [
        { name: 'app/out', type: 'symlink', linkname: '/etc' },
        { name: 'app/out/passwd', content: 'x' },
      ],
      /"app\/out" appears twice in the archive, as a link and as a directory/,
    ],
    [
      'links out of the image',
      [{ name: 'app/x', type: 'symlink', linkname: '../../etc/passwd' }],
      /The link "app\/x" leads to "\.\.\/\.\.\/etc\/passwd", outside the image/,
    ],
    [
      'links hard to what is not there',
      [{ name: 'app/x', type: 'link', linkname: 'app/none' }],
      /not a file of the archive before it/,
    ],
    [
      'links hard to outside',
      [{ name: 'app/x', type: 'link', linkname: '../../etc/passwd' }],
      /contains "\.\."/,
    ],
    [
      'links hard out of app/',
      [
        { name: 'etc/a', content: 'a' },
        { name: 'app/x', type: 'link', linkname: 'etc/a' },
      ],
      /leads to "etc\/a", outside of app\//,
    ],
    ['is a device', [{ name: 'dev/null', type: 'character-device' }], /"dev\/null" is a character-device/],
    ['is a disk', [{ name: 'app/sda', type: 'block-device' }], /is a block-device/],
    ['is a pipe', [{ name: 'app/pipe', type: 'fifo' }], /is a fifo/],
    [
      'appears twice',
      [
        { name: 'app/a', content: '1' },
        { name: 'app/a', content: '2' },
      ],
      /appears twice/,
    ],
    [
      'replaces app/ itself',
      [{ name: 'app', type: 'symlink', linkname: '/etc' }],
      /"app" is not a directory/,
    ],
    ['removes its parent', [{ name: 'app/.wh...', content: '' }], /removed, but not what/],
    ['removes nothing', [{ name: 'app/.wh.', content: '' }], /removed, but not what/],
  ] satisfies [string, TarEntry[], RegExp][]) {
    it(`refuses a layer in which something ${what}`, async () => {
      const bytes = await layersOf(entries)
      await refused(bytes, /^Layer sha256:[0-9a-f]{64} of the image cannot be taken\. /)
      await refused(bytes, sentence)
    })
  }

  it('refuses a layer that is larger than it may be, unpacked', async () => {
    const bytes = await layersOf([{ name: 'app/zeros', content: Buffer.alloc(3_000_000) }])
    await refused(bytes, /larger than 2 MB unpacked/, { unpacked: { entries: 100, bytes: 2_000_000 } })
    const many = Array.from({ length: 60 }, (_, i) => ({ name: `app/${i}`, content: '' }))
    const two = image([
      await layer(many),
      await layer(many.map(entry => ({ ...entry, name: `${entry.name}x` }))),
    ])
    await refused(await archive(two), /more than 39 entries/, { unpacked: { entries: 100, bytes: 1e6 } })
  })

  const LITTLE = { unpacked: { entries: 100, bytes: 1_000_000 } }
  const times = (count: number, entry: (i: number) => TarEntry) =>
    Array.from({ length: count }, (_, i) => entry(i))

  for (const [what, entries, sentence] of [
    ['removals', times(101, i => ({ name: `app/.wh.${i}`, content: '' })), /more than 100 entries/],
    ['one directory', times(101, () => ({ name: 'app/d/', type: 'directory' })), /more than 100 entries/],
    [
      'directories above a file',
      [{ name: `app/${'d/'.repeat(100)}x`, content: '' }],
      /more than 100 entries/,
    ],
    ['a removal', [{ name: 'app/.wh.x', content: Buffer.alloc(2_000_000) }], /larger than 1 MB unpacked/],
    [
      'copies of a file',
      [
        { name: 'app/0', content: Buffer.alloc(300_000) },
        ...times(3, i => ({ name: `app/${i + 1}`, type: 'link', linkname: 'app/0' })),
      ],
      /larger than 1 MB unpacked/,
    ],
    [
      'long names',
      times(20, i => ({ name: `app/${`${'d'.repeat(250)}/`.repeat(8)}${i}`, content: '' })),
      /The paths in the archive have more than 0 MB together/,
    ],
  ] satisfies [string, TarEntry[], RegExp][]) {
    it(`refuses a layer that comes to more than it may by ${what}`, async () =>
      refused(await layersOf(entries), sentence, LITTLE))
  }

  it('refuses a layer, and an archive, with more behind its end than it may hold', async () => {
    const bytes = Buffer.concat([await tar([{ name: 'app/a', content: 'a' }]), Buffer.alloc(2_048_000)])
    const made = image([packedLayer(bytes, 'tar+gzip', gzipSync(bytes))])
    await refused(await archive(made), /larger than 1 MB unpacked/, LITTLE)
    const padded = Buffer.concat([await archive(image([])), Buffer.alloc(80 * 1024 * 1024)])
    const sending = (await theStore()).importImage(sent(gzipSync(padded)), { maxBytes: 1_000_000 }, never)
    await assert.rejects(sending, { name: 'ImageTooLarge' })
  })

  it('refuses layers that are damaged, cut short, or hold another tar than was said', async () => {
    const one = await layer([{ name: 'app/a', content: 'a'.repeat(5000) }])
    const short = blob(one.mediaType, one.bytes.subarray(0, one.size - 20))
    await refused(await archive(image([{ ...one, ...short }])), /damaged or cut short/)
    await refused(await archive(image([{ ...one, ...blob(one.mediaType, Buffer.from('noise')) }])), /damaged/)
    const lie = { ...one, diffId: `sha256:${'0'.repeat(64)}` }
    await refused(await archive(image([lie])), /holds another tar than its configuration says/)
    await refused(await archive(image([one, lie])), /holds another tar than its configuration says/)
    const wrongType = { ...one, mediaType: `${OCI}.layer.v1.tar` }
    await refused(await archive(image([wrongType])), /damaged or cut short/)
  })
}
