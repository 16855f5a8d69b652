import type { ProcessTypes } from '../core/procfile.ts'
import type { Instant } from '../core/time.ts'

/** What an image is made from: directories of a finished build, each to become one layer, lowest first. */
export interface ImageSource {
  layers: readonly LayerSource[]
  processTypes: ProcessTypes
  stack: string
  commit: string | null
}

/** A directory whose content becomes a layer. Paths inside the layer begin with `app/`. */
export interface LayerSource {
  directory: string
  /** Where its content lies in the app: `node_modules`, or '' for the root. */
  at: string
  /** Paths inside `directory` that belong to another layer. */
  exclude: readonly string[]
}

export interface StoredImage {
  /** Digest of the image manifest: `sha256:` and 64 hex digits. */
  digest: string
  /** Bytes of all layers as stored (compressed). */
  size: number
  layers: readonly StoredLayer[]
}

export interface StoredLayer {
  digest: string
  size: number
  /** False when the store had this very layer already: nothing was packed or written. */
  isNew: boolean
}

/** The image would take more than it may. */
export class ImageTooLarge extends Error {
  override readonly name = 'ImageTooLarge'
  /** Bytes its layers would take as stored. */
  readonly size: number

  constructor(size: number, maxBytes: number) {
    super(`The image would take ${size} bytes; it may take ${maxBytes}.`)
    this.size = size
  }
}

export interface StoreUsage {
  /** By digest, with everything an image is made of, each once. */
  images: ReadonlyMap<string, { blobs: readonly { digest: string; size: number }[] }>
}

/** Where artifacts' bytes are. It knows nothing of releases: the ledger says what may be removed. */
export interface ArtifactStore {
  /**
   * Packs `source` and stores it. Deterministic: the same content gives the same digest, whenever and wherever.
   * After it returns the bytes are on disk for good (synced); a crash before leaves nothing but removable temporaries.
   * Throws {@link ImageTooLarge} when the image would be over `maxBytes`, before any manifest refers to it.
   */
  put(source: ImageSource, maxBytes: number, signal: AbortSignal): Promise<StoredImage>
  has(digest: string): Promise<boolean>
  /**
   * Directories holding the unpacked layers of an image, lowest first, read-only by convention, ready to be the lower
   * layers of a dyno's file system. Each holds `app/`, and all of the layer in it. Unpacks on first use, atomically;
   * checks digests while it does.
   */
  layers(digest: string, signal: AbortSignal): Promise<readonly string[]>
  /** Removes an image and every layer no other image uses. Removing what is gone succeeds. Returns the bytes freed. */
  remove(digest: string): Promise<number>
  /** The same for many. First none of them exists any more, then the bytes go. */
  removeAll(digests: readonly string[], signal: AbortSignal): Promise<number>
  /**
   * Drops the unpacked layers that none of the images `keep` uses, but for those asked for since `unusedSince`: a dyno
   * may be about to start on them.
   */
  pruneUnpacked(keep: readonly string[], unusedSince: Instant): Promise<void>
  /** Reads every byte of an image again. Returns what is wrong with it, in sentences; empty when all is well. */
  verify(digest: string): Promise<readonly string[]>
  /** What is on the disk. */
  usage(): Promise<StoreUsage>
}
