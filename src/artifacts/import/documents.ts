import { type Descriptor, LABELS, MEDIA_TYPES } from '../image.ts'
import { isLayerType } from '../layer-tar.ts'
import { ImageRefused } from '../store.ts'

/** Documents of images, as OCI and Docker write them. All of them are read here, and nothing of them is believed before. */

export interface IndexEntry extends Descriptor {
  /** Null when the index does not say. */
  platform: { os: string; architecture: string } | null
  /** By which somebody may ask for it. */
  names: readonly string[]
}

export interface ManifestDocument {
  config: Descriptor
  layers: readonly Descriptor[]
  commit: string | null
}

export interface ConfigDocument {
  os: string
  architecture: string
  diffIds: readonly string[]
  labels: Readonly<Record<string, string>>
  entrypoint: readonly string[]
  command: readonly string[]
  environment: readonly string[]
  workingDirectory: string
  user: string
}

const INDEX_TYPES = new Set<unknown>([
  MEDIA_TYPES.index,
  'application/vnd.docker.distribution.manifest.list.v2+json',
])
const MANIFEST_TYPES = new Set<unknown>([
  MEDIA_TYPES.manifest,
  'application/vnd.docker.distribution.manifest.v2+json',
])
const CONFIG_TYPES = new Set<unknown>([MEDIA_TYPES.config, 'application/vnd.docker.container.image.v1+json'])

export function isIndex({ mediaType }: Descriptor): boolean {
  return INDEX_TYPES.has(mediaType)
}

export function parseIndex(bytes: Buffer): readonly IndexEntry[] {
  const { manifests, schemaVersion } = object(json(bytes, 'index'), 'index')
  if (schemaVersion !== 2) throw malformed('index', 'schemaVersion is not 2')
  return list(manifests, 'index').map(entry => {
    const descriptor = parseDescriptor(entry, 'index')
    if (!isIndex(descriptor) && !MANIFEST_TYPES.has(descriptor.mediaType))
      throw unknownType('something', descriptor)
    const { platform, annotations } = object(entry, 'index')
    const names = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'].map(
      name => strings(annotations ?? {}, 'index')[name],
    )
    return {
      ...descriptor,
      platform: platform === undefined || platform === null ? null : parsePlatform(platform, 'index'),
      names: names.filter(name => name !== undefined),
    }
  })
}

export function parseManifest(bytes: Buffer, layerLimit: number): ManifestDocument {
  const { config, layers, annotations, schemaVersion } = object(json(bytes, 'manifest'), 'manifest')
  if (schemaVersion !== 2) throw malformed('manifest', 'schemaVersion is not 2')
  const parts = list(layers, 'manifest')
  if (parts.length > layerLimit)
    throw new ImageRefused(
      `The image has ${parts.length.toLocaleString('en')} layers; it may have ${layerLimit}. Build it in fewer steps, or squash it.`,
    )
  const descriptors = parts.map(layer => parseDescriptor(layer, 'manifest'))
  const strange = descriptors.find(({ mediaType }) => !isLayerType(mediaType))
  if (strange) throw unknownType('a layer', strange)
  const configDescriptor = parseDescriptor(config, 'manifest')
  if (!CONFIG_TYPES.has(configDescriptor.mediaType)) throw unknownType('a configuration', configDescriptor)
  const commit = strings(annotations ?? {}, 'manifest')[LABELS.commit]
  return { config: configDescriptor, layers: descriptors, commit: commit ?? null }
}

export function parseConfig(bytes: Buffer): ConfigDocument {
  const what = 'configuration'
  const document = object(json(bytes, what), what)
  const diffIds = texts(object(document.rootfs, what).diff_ids, what)
  for (const diffId of diffIds) checkDigest(diffId, what)
  const config = object(document.config ?? {}, what)
  return {
    ...parsePlatform(document, what),
    diffIds,
    labels: strings(config.Labels ?? {}, what),
    entrypoint: texts(config.Entrypoint ?? [], what),
    command: texts(config.Cmd ?? [], what),
    environment: texts(config.Env ?? [], what),
    workingDirectory: text(config.WorkingDir ?? '', what) || '/',
    user: text(config.User ?? '', what),
  }
}

function parseDescriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size } = object(value, what)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw malformed(what, `${JSON.stringify(size)} is no size`)
  return { mediaType: text(mediaType, what), digest: checkDigest(text(digest, what), what), size }
}

function parsePlatform(value: unknown, what: string): { os: string; architecture: string } {
  const { os, architecture } = object(value, what)
  return { os: text(os, what), architecture: text(architecture, what) }
}

function checkDigest(digest: string, what: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest
  throw malformed(what, `${shown(digest)} is no digest (sha256: and 64 hexadecimal digits)`)
}

function json(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw malformed(what, 'it is not JSON')
  }
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw malformed(what, `${shown(value)} stands where an object was expected`)
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw malformed(what, `${shown(value)} stands where a list was expected`)
}

function texts(value: unknown, what: string): readonly string[] {
  return list(value, what).map(item => text(item, what))
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string' && !value.includes('\0')) return value
  throw malformed(what, `${shown(value)} stands where a text was expected`)
}

function strings(value: unknown, what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object(value, what)).map(([name, item]) => [name, text(item, what)]),
  )
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}

function malformed(what: string, why: string): ImageRefused {
  return new ImageRefused(
    `The image's ${what} is not as OCI and Docker write it: ${why}. Make the archive again.`,
  )
}

function unknownType(what: string, { mediaType }: Descriptor): ImageRefused {
  return new ImageRefused(
    `The image has ${what} of the type ${shown(mediaType)}, which is not known here. Only images of OCI and of Docker (version 2, schema 2) can be taken.`,
  )
}
