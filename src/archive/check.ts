import type { Readable } from 'node:stream'
import { type Entry, eachEntry } from './entries.ts'
import { ArchiveFault, checkImageLink, isInApp, unknownKind } from './inside.ts'
import { type ExtractLimits, Shape } from './shape.ts'
import { whiteout } from './whiteout.ts'

/** What a layer holds. */
export interface LayerContent {
  entries: number
  /** As {@link ExtractLimits} count them. */
  bytes: number
  /** Whether anything of it lies in `app/`. */
  hasApp: boolean
}

/**
 * Reads the tar of a layer that somebody else made, by the rules of unpacking, and writes nothing. Throws an
 * {@link ArchiveFault} for what could not be unpacked, or would not be harmless.
 */
export async function checkLayer(
  tar: Readable,
  limits: ExtractLimits,
  signal: AbortSignal,
): Promise<LayerContent> {
  const shape = new Shape(limits)
  let hasApp = false
  const visit = async (entry: Entry) => {
    const path = shape.entry(entry.header)
    if (whiteout(path) !== undefined) return
    addTo(shape, path, entry)
    hasApp ||= isInApp(path) && path !== 'app'
  }
  await eachEntry(tar, { visit, count: bytes => shape.count(bytes), signal })
  return { entries: shape.entries, bytes: shape.bytes, hasApp }
}

function addTo(shape: Shape, path: string, { header }: Entry): void {
  const { name, type, linkname } = header
  if (path === 'app' && type !== 'directory')
    throw new ArchiveFault(
      '"app" is not a directory. An image keeps the files of an app in a directory /app.',
    )
  if (type === 'directory') shape.directory(path)
  else if (type === 'file' || type === 'contiguous-file') shape.file(path, header.size ?? 0)
  else if (type === 'symlink') {
    shape.link(path, linkname ?? '')
    checkImageLink(path, linkname ?? '')
  } else if (type === 'link') {
    const { original } = shape.hardLink(path, linkname ?? '')
    // Only app/ is unpacked, and the link with it.
    if (isInApp(path) && !isInApp(original))
      throw new ArchiveFault(
        `The link ${JSON.stringify(path)} leads to ${JSON.stringify(linkname)}, outside of app/. Copy the file there.`,
      )
  } else throw unknownKind(name, type)
}
