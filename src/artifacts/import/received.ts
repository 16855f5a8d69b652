import { createReadStream } from 'node:fs'
import { checkLayer, type LayerContent } from '../../archive/check.ts'
import { ArchiveFault } from '../../archive/inside.ts'
import type { ExtractLimits } from '../../archive/shape.ts'
import type { Image, Layer } from '../image.ts'
import { readLayer } from '../layer-tar.ts'
import { IMPORT_LIMITS, ImageRefused, ImageTooLarge, type ImportLimits } from '../store.ts'
import { checkPlatform, chooseManifest } from './choice.ts'
import { type ConfigDocument, type ManifestDocument, parseConfig, parseManifest } from './documents.ts'
import type { Upload } from './upload.ts'
import { type WhatRuns, whatRuns } from './what-runs.ts'

/** An image that was sent, and is as good as one built here. */
export interface Received {
  image: Image
  /** Bytes of its layers, each counted once. */
  size: number
  hasApp: boolean
  runs: WhatRuns
}

/** Finds the image in an upload, and checks all of it. Throws {@link ImageRefused} or {@link ImageTooLarge}. */
export async function receivedImage(
  upload: Upload,
  limits: ImportLimits,
  signal: AbortSignal,
): Promise<Received> {
  const manifest = await chooseManifest(upload, limits.image)
  const document = parseManifest(
    await upload.document(manifest, 'manifest'),
    limits.layers ?? IMPORT_LIMITS.layers,
  )
  const config = parseConfig(await upload.document(document.config, 'configuration'))
  checkPlatform(config)
  const layers = pairLayers(document, config)
  const size = distinct(layers).reduce((sum, layer) => sum + layer.size, 0)
  if (size > limits.maxBytes) throw new ImageTooLarge(size, limits.maxBytes)
  const sent = distinct(layers).map(layer => ({ ...layer, file: upload.file(layer, 'layer') }))
  const contents = await checkLayers(sent, limits.unpacked ?? IMPORT_LIMITS.unpacked, signal)
  return {
    image: { manifest, config: document.config, layers },
    size,
    hasApp: contents.some(({ hasApp }) => hasApp),
    runs: whatRuns(document, config),
  }
}

/** The configuration says, in the same order, which tar each layer holds. */
function pairLayers({ layers }: ManifestDocument, { diffIds }: ConfigDocument): readonly Layer[] {
  if (layers.length === diffIds.length)
    return layers.map((layer, i) => ({ ...layer, diffId: diffIds[i] ?? '' }))
  throw new ImageRefused(
    `The image's manifest has ${layers.length} layers, its configuration ${diffIds.length}. Make the archive again.`,
  )
}

async function checkLayers(
  layers: readonly SentLayer[],
  limits: ExtractLimits,
  signal: AbortSignal,
): Promise<readonly LayerContent[]> {
  const contents: LayerContent[] = []
  let { entries, bytes } = limits
  for (const layer of layers) {
    signal.throwIfAborted()
    const content = await checkOne(layer, { entries, bytes }, signal)
    entries -= content.entries
    bytes -= content.bytes
    contents.push(content)
  }
  return contents
}

interface SentLayer extends Layer {
  file: string
}

async function checkOne(
  { digest, diffId, mediaType, file }: SentLayer,
  limits: ExtractLimits,
  signal: AbortSignal,
): Promise<LayerContent> {
  let content: LayerContent | undefined
  try {
    const read = await readLayer(
      createReadStream(file, { highWaterMark: 256 * 1024 }),
      mediaType,
      async tar => {
        content = await checkLayer(tar, limits, signal)
      },
    )
    if (read.diffId === diffId && content) return content
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error
    throw new ImageRefused(`Layer ${digest} of the image cannot be taken. ${error.message}`, { cause: error })
  }
  throw new ImageRefused(
    `Layer ${digest} of the image holds another tar than its configuration says (${diffId}). Make the archive again.`,
  )
}

/** An image may name a layer many times over. One that claims to hold two tars is two layers, of which one is a lie. */
function distinct(layers: readonly Layer[]): readonly Layer[] {
  return [
    ...new Map(layers.map(layer => [`${layer.digest} ${layer.diffId} ${layer.mediaType}`, layer])).values(),
  ]
}
