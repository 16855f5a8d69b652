import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { decompress } from './decompress.ts'

async function unpacked(packed: Buffer, piece = packed.length): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let i = 0; i < packed.length; i += piece) pieces.push(packed.subarray(i, i + piece))
  const { archive, through } = await decompress(Readable.from(pieces, { objectMode: false }))
  const [content] = await Promise.all([buffer(through), pipeline(archive, through)])
  return content
}

const CONTENT = [Buffer.from('first'), Buffer.alloc(0), Buffer.alloc(400_000, 'large'), Buffer.from('last')]
const FRAMES = CONTENT.map(part => zstdCompressSync(part))
const SKIPPED = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('skip')])

test('all frames of Zstandard are read, in whatever pieces they come', async () => {
  const packed = Buffer.concat(FRAMES)
  for (const piece of [1, 2, 13, 14, 15, 30, 1000, packed.length])
    assert.ok((await unpacked(packed, piece)).equals(Buffer.concat(CONTENT)), `pieces of ${piece}`)
})

test('frames of Zstandard to be skipped are, at the beginning, between others and at the end', async () => {
  const packed = Buffer.concat([SKIPPED, ...FRAMES.flatMap(frame => [frame, SKIPPED])])
  for (const piece of [5, packed.length])
    assert.ok((await unpacked(packed, piece)).equals(Buffer.concat(CONTENT)), `pieces of ${piece}`)
})

test('Zstandard that is cut short, or followed by something else, is an error', async () => {
  const packed = Buffer.concat(FRAMES)
  for (const piece of [1, 40, packed.length * 2]) {
    await assert.rejects(unpacked(packed.subarray(0, -1), piece), { code: 'Z_BUF_ERROR' })
    await assert.rejects(unpacked(Buffer.concat([packed, SKIPPED.subarray(0, 6)]), piece))
    for (const tail of ['x', 'something else', '\0'])
      await assert.rejects(unpacked(Buffer.concat([packed, Buffer.from(tail)]), piece), `${tail}, ${piece}`)
  }
})
