import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'

/** Images as other programs make them, to be sent to a store: right ones, and ones that are wrong in one place. */

export type TarEntry = Partial<Header> & { name: string; content?: string | Buffer }

export interface Blob {
  mediaType: string
  digest: string
  size: number
  bytes: Buffer
}

export interface LayerBlob extends Blob {
  diffId: string
}

export interface ImageMade {
  config: Blob
  manifest: Blob
  layers: readonly LayerBlob[]
}

export const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch
export const OCI = 'application/vnd.oci.image'

export async function tar(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack()
  for (const { content, ...header } of entries)
    archive.entry({ mtime: new Date(0), ...header }, content ?? Buffer.alloc(0))
  archive.finalize()
  return buffer(archive)
}

/** What a tar can hold, and no file system. */
export const UNPACKABLE: readonly (readonly [what: string, entry: TarEntry, sentence: RegExp])[] = [
  ['has a path that is too long', { name: `${'d/'.repeat(1500)}x` }, /a path of more than 3,000 bytes/],
  ['has a path of 30,000 parts', { name: `${'d/'.repeat(30_000)}x` }, /a path of more than 3,000 bytes/],
  ['links to nothing', { name: 'l', type: 'symlink', linkname: '' }, /"app\/l" leads to nothing/],
  [
    'links to a name with a NUL',
    { name: 'l', type: 'symlink', linkname: 'a', pax: { linkpath: 'a\0b' } },
    /"app\/l" leads to a name with a NUL/,
  ],
  [
    'links to a path that is too long',
    { name: 'l', type: 'symlink', linkname: 'a', pax: { linkpath: 'a/'.repeat(2048) } },
    /"app\/l" leads to a path of more than 4,095 bytes/,
  ],
]

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export function blob(mediaType: string, content: Buffer | object): Blob {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
  return { mediaType, digest: digestOf(bytes), size: bytes.length, bytes }
}

export type Packing = 'tar' | 'tar+gzip' | 'tar+zstd'

export async function layer(entries: readonly TarEntry[], packing: Packing = 'tar+gzip'): Promise<LayerBlob> {
  const bytes = await tar(entries)
  const pack = { tar: () => bytes, 'tar+gzip': gzipSync, 'tar+zstd': zstdCompressSync }[packing]
  return packedLayer(bytes, packing, pack(bytes))
}

/** A layer of a tar that was packed in a way of its own. */
export function packedLayer(bytes: Buffer, packing: Packing, packed: Buffer): LayerBlob {
  return { ...blob(`${OCI}.layer.v1.${packing}`, packed), diffId: digestOf(bytes) }
}

/** Zstandard as parallel and seekable packers write it: in frames of their own, one behind the other. */
export function inFrames(bytes: Buffer): Buffer {
  const middle = Math.min(1024, bytes.length)
  return Buffer.concat(
    [bytes.subarray(0, middle), bytes.subarray(middle)].map(part => zstdCompressSync(part)),
  )
}

/** An image of these layers. `config` and the top of the documents can be changed in one place. */
export function image(
  layers: readonly LayerBlob[],
  change: { config?: object; document?: object; manifest?: object } = {},
): ImageMade {
  const config = blob(`${OCI}.config.v1+json`, {
    ...{ os: 'linux', architecture: ARCHITECTURE, config: change.config ?? {} },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    ...change.document,
  })
  const manifest = blob(`${OCI}.manifest.v1+json`, {
    ...{ schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json` },
    config: descriptor(config),
    layers: layers.map(descriptor),
    ...change.manifest,
  })
  return { config, manifest, layers }
}

export function descriptor({ mediaType, digest, size }: Blob): object {
  return { mediaType, digest, size }
}

/** Every blob of an image, the layers first, as they often come. */
export function blobsOf({ config, manifest, layers }: ImageMade): readonly Blob[] {
  return [...layers, config, manifest]
}

/** A layout of blobs and the entries of its index. */
export function layout(blobs: readonly Blob[], manifests: readonly object[]): Promise<Buffer> {
  const distinct = new Map(blobs.map(one => [one.digest, one]))
  return tar([
    { name: 'blobs/', type: 'directory' },
    { name: 'blobs/sha256/', type: 'directory' },
    ...[...distinct.values()].map(({ digest, bytes }) => ({
      name: `blobs/${digest.replace(':', '/')}`,
      content: bytes,
    })),
    { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) },
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  ])
}

/** The layout of one image. */
export function archive(made: ImageMade): Promise<Buffer> {
  return layout(blobsOf(made), [descriptor(made.manifest)])
}

/** As it comes over a wire: in pieces. */
export async function* sent(bytes: Buffer, piece = 30_000): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += piece) yield bytes.subarray(i, i + piece)
}
