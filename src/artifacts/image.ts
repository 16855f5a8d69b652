import type { ProcessTypes } from '../core/procfile.ts'

/** OCI media types of what an image is made of. */
export const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const

/** How OCI documents name a blob. */
export interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

/** A layer: its blob, and the digest of the tar inside, by which an unchanged tree is recognised. */
export interface Layer {
  diffId: string
  digest: string
  size: number
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

/** The image configuration, as the bytes that are stored. */
export function imageConfig(parts: ImageParts): Buffer {
  return json({
    created: CREATED,
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      WorkingDir: '/app',
      Env: ['HOME=/app'],
      Labels: { 'tidemark.process-types': JSON.stringify(parts.processTypes), 'tidemark.stack': parts.stack },
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
    layers: parts.layers.map(({ digest, size }) => ({ mediaType: MEDIA_TYPES.layer, digest, size })),
    ...(parts.commit === null ? {} : { annotations: { 'org.opencontainers.image.revision': parts.commit } }),
  })
}

export function imageIndex(manifests: readonly Descriptor[]): Buffer {
  return json({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests })
}

export function parseManifest(bytes: Buffer): { config: Descriptor; layers: readonly Descriptor[] } {
  return JSON.parse(bytes.toString())
}

/** The digests of the tars inside the layers, lowest first. */
export function parseDiffIds(config: Buffer): readonly string[] {
  return JSON.parse(config.toString()).rootfs.diff_ids
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
