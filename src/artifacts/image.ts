import type { ProcessTypes } from '../core/procfile.ts'

/** OCI media types of what an image is made of. */
export const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const

/** What the file `oci-layout` says. */
export const LAYOUT = Buffer.from('{"imageLayoutVersion":"1.0.0"}\n')

/** How OCI documents name a blob. */
export interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

/** A layer: its blob, how that is packed, and the digest of the tar inside, by which an unchanged tree is recognised. */
export interface Layer extends Descriptor {
  diffId: string
}

/** An image as its manifest and configuration tell it. */
export interface Image {
  manifest: Descriptor
  config: Descriptor
  layers: readonly Layer[]
}

export interface ImageParts {
  layers: readonly Layer[]
  processTypes: ProcessTypes
  stack: string
  commit: string | null
}

/** Fixed, as everything in an image: the same content is the same image, whenever it was made. */
const CREATED = '1980-01-01T00:00:01Z'
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386' }

/** This machine's, as images name it. */
export const ARCHITECTURE = ARCHITECTURES[process.arch] ?? process.arch

/** Where an image says what runs in it, on which stack, and from which commit it was made. */
export const LABELS = {
  processTypes: 'tidemark.process-types',
  stack: 'tidemark.stack',
  commit: 'org.opencontainers.image.revision',
} as const

/** The image configuration, as the bytes that are stored. */
export function imageConfig(parts: ImageParts): Buffer {
  return json({
    created: CREATED,
    architecture: ARCHITECTURE,
    os: 'linux',
    config: {
      WorkingDir: '/app',
      Env: ['HOME=/app'],
      Labels: { [LABELS.processTypes]: JSON.stringify(parts.processTypes), [LABELS.stack]: parts.stack },
    },
    rootfs: { type: 'layers', diff_ids: parts.layers.map(layer => layer.diffId) },
  })
}

/** The image manifest, as the bytes that are stored; its digest is the image's name. */
export function imageManifest(parts: ImageParts, config: Descriptor): Buffer {
  return json({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config,
    layers: parts.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    ...(parts.commit === null ? {} : { annotations: { [LABELS.commit]: parts.commit } }),
  })
}

export function imageIndex(manifests: readonly Descriptor[]): Buffer {
  return json({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests })
}

/** What a stored manifest and its configuration say. They were checked when they were stored. */
export function readImage(manifest: Descriptor, documents: { manifest: Buffer; config: Buffer }): Image {
  const { config, layers } = JSON.parse(documents.manifest.toString())
  const diffIds: readonly string[] = JSON.parse(documents.config.toString()).rootfs.diff_ids
  return {
    manifest,
    config,
    layers: layers.map(({ mediaType, digest, size }: Descriptor, i: number) => ({
      ...{ mediaType, digest, size },
      diffId: diffIds[i] ?? '',
    })),
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
