import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type PackedFile, packFiles } from '../archive/pack-files.ts'
import type { Blobs } from './blobs.ts'
import { type Image, imageIndex, LAYOUT } from './image.ts'
import { blobsOf } from './references.ts'
import type { BlobSize } from './store.ts'

/** An OCI image layout of one image, as a tar. It ends with an error when a blob is not what its digest says. */
export async function* exportLayout(
  image: Image,
  blobs: Blobs,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const files = blobsOf(image)
    .toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
    .map(blob => ({
      name: `blobs/${blob.digest.replace(':', '/')}`,
      size: blob.size,
      content: () => checkedBlob(blob, blobs.path(blob.digest)),
    }))
  const index = imageIndex([image.manifest])
  for await (const chunk of packFiles([
    document('oci-layout', LAYOUT),
    document('index.json', index),
    ...files,
  ])) {
    signal.throwIfAborted()
    yield chunk
  }
}

function document(name: string, bytes: Buffer): PackedFile {
  return {
    name,
    size: bytes.length,
    async *content() {
      yield bytes
    },
  }
}

async function* checkedBlob({ digest }: BlobSize, path: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    hash.update(chunk)
    yield chunk
  }
  if (`sha256:${hash.digest('hex')}` !== digest)
    throw new Error(`Blob ${digest} is damaged: its content has another digest. Deploy the app again.`)
}
