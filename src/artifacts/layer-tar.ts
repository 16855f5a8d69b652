import { createHash } from 'node:crypto'
import { PassThrough, type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { ZstdFrames } from '../archive/zstd-frames.ts'

/** How the layers are packed that an image may have, by their media type. */
const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  'application/vnd.oci.image.layer.v1.tar': () => new PassThrough(),
  'application/vnd.oci.image.layer.v1.tar+gzip': createGunzip,
  'application/vnd.oci.image.layer.v1.tar+zstd': () => new ZstdFrames(),
  'application/vnd.docker.image.rootfs.diff.tar': () => new PassThrough(),
  'application/vnd.docker.image.rootfs.diff.tar.gzip': createGunzip,
  'application/vnd.docker.image.rootfs.diff.tar.zstd': () => new ZstdFrames(),
}

export function isLayerType(mediaType: string): boolean {
  return Object.hasOwn(UNPACKERS, mediaType)
}

/** What a layer's bytes were, once all of them went by. */
export interface Digests {
  /** Of the blob, packed. */
  digest: string
  /** Of the tar inside. */
  diffId: string
}

/** Hands the tar inside of a layer's blob to `read`, and says what both were. */
export async function readLayer(
  blob: Readable,
  mediaType: string,
  read: (tar: Readable) => Promise<void>,
): Promise<Digests> {
  const unpacker = UNPACKERS[mediaType]
  if (!unpacker) throw new Error(`A layer cannot be of type ${mediaType}.`)
  const packed = new Measure()
  const tar = new Measure()
  const passing = pipeline(blob, packed, unpacker(), tar)
  // Each ends the other when it fails; the reader knows more of why.
  const [reading, unpacking] = await Promise.allSettled([read(tar), passing])
  for (const outcome of [reading, unpacking]) if (outcome.status === 'rejected') throw outcome.reason
  return { digest: packed.digest(), diffId: tar.digest() }
}

class Measure extends Transform {
  readonly #hash = createHash('sha256')

  constructor() {
    super({ highWaterMark: 256 * 1024 })
  }

  override _transform(chunk: Buffer, _: string, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk)
    done(null, chunk)
  }

  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`
  }
}
