import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { Spool, Spooled } from '../../../docker/spool.ts'

export interface Conversion {
  /** Added to those the image has. */
  labels: Readonly<Record<string, string>>
  /** The commit it was made of. */
  revision: string | null
}

const TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1',
} as const

/** What of an engine's image configuration the standard knows. The rest tells of the container that made it. */
const STANDARD = [
  'created',
  'author',
  'architecture',
  'variant',
  'os',
  'config',
  'rootfs',
  'history',
] as const

/** The image that an engine exported, as a tar of an OCI image layout. In memory there is only a piece of a layer. */
export async function* ociLayout(spool: Spool, conversion: Conversion): AsyncGenerator<Buffer> {
  const { configName, layers } = await contentsOf(spool)
  const config = json(relabelled(await spool.readJson(configName), conversion))
  const manifest = json(manifestOf(config, layers, conversion.revision))
  const tar = pack()
  // The reader hears of an error; when it has gone first, nobody is left to hear of it.
  tar.on('error', () => {})
  const writing = write(tar, { config, manifest, layers }).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  try {
    for await (const chunk of tar) yield chunk as Buffer
  } finally {
    tar.destroy()
    await writing
  }
}

interface Contents {
  configName: string
  layers: readonly Spooled[]
}

/** The engine's own table of contents: one image. */
async function contentsOf(spool: Spool): Promise<Contents> {
  const [image] = (await spool.readJson('manifest.json')) as { Config: string; Layers: string[] | null }[]
  if (!image) throw new Error("The engine's archive of the image is empty.")
  return { configName: image.Config, layers: (image.Layers ?? []).map(name => spool.find(name)) }
}

function relabelled(image: unknown, { labels }: Conversion): object {
  const given = image as Record<string, unknown> & { config?: { Labels?: Record<string, string> | null } }
  const kept = Object.fromEntries(STANDARD.flatMap(name => (name in given ? [[name, given[name]]] : [])))
  return { ...kept, config: { ...given.config, Labels: { ...given.config?.Labels, ...labels } } }
}

function manifestOf(config: Buffer, layers: readonly Spooled[], revision: string | null): object {
  return {
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: { mediaType: TYPES.config, ...described(config) },
    layers: layers.map(({ digest, size, packing }) => ({
      mediaType: `${TYPES.layer}.${packing}`,
      digest,
      size,
    })),
    ...(revision === null ? {} : { annotations: { 'org.opencontainers.image.revision': revision } }),
  }
}

async function write(
  tar: Pack,
  { config, manifest, layers }: { config: Buffer; manifest: Buffer; layers: readonly Spooled[] },
): Promise<void> {
  const manifests = [{ mediaType: TYPES.manifest, ...described(manifest) }]
  tar.entry({ name: 'oci-layout' }, '{"imageLayoutVersion":"1.0.0"}\n')
  tar.entry({ name: 'index.json' }, json({ schemaVersion: 2, mediaType: TYPES.index, manifests }))
  for (const document of [manifest, config])
    tar.entry({ name: blobName(described(document).digest) }, document)
  const different = new Map(layers.map(layer => [layer.digest, layer]))
  for (const { path, digest, size } of different.values()) {
    const entry = tar.entry({ name: blobName(digest), size })
    await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), entry)
  }
}

function described(document: Buffer): { digest: string; size: number } {
  return { digest: `sha256:${createHash('sha256').update(document).digest('hex')}`, size: document.length }
}

function blobName(digest: string): string {
  return digest.replace('sha256:', 'blobs/sha256/')
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
