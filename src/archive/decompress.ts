import { PassThrough, type Readable, type Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ZstdFrames } from './zstd-frames.ts'

/** The tar inside `archive`, told by its first bytes: gzip, zstd, or a plain tar. */
export async function decompress(archive: Readable): Promise<{ through: Transform; archive: Readable }> {
  const first = await firstBytes(archive)
  if (first.subarray(0, 2).equals(GZIP)) return { through: createGunzip(), archive }
  if (isZstd(first)) return { through: new ZstdFrames(), archive }
  return { through: new PassThrough(), archive }
}

const GZIP = Buffer.from([0x1f, 0x8b])
const ZSTD = 0xfd2fb528
/** The first of 16 marks of frames that hold nothing of the content; pzstd begins with one. */
const SKIPPABLE = 0x184d2a50

function isZstd(first: Buffer): boolean {
  if (first.length < 4) return false
  const mark = first.readUInt32LE()
  return mark === ZSTD || (mark >= SKIPPABLE && mark < SKIPPABLE + 16)
}

/** Looks at the beginning of a stream and puts it back. */
async function firstBytes(stream: Readable): Promise<Buffer> {
  for (;;) {
    const chunk: unknown = stream.read(4) ?? (stream.readableEnded ? null : undefined)
    if (Buffer.isBuffer(chunk)) {
      stream.unshift(chunk)
      return chunk
    }
    if (chunk === null || stream.errored) return Buffer.alloc(0)
    await new Promise<void>(resolve => {
      const done = () => {
        for (const event of ['readable', 'end', 'error'] as const) stream.off(event, done)
        resolve()
      }
      for (const event of ['readable', 'end', 'error'] as const) stream.on(event, done)
    })
  }
}
