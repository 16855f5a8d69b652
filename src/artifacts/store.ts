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

/** How much somebody may send. What is not said is as in {@link IMPORT_LIMITS}. */
export interface ImportLimits {
  /** Bytes of the layers, as sent. */
  maxBytes: number
  layers?: number
  /** Of all layers together, unpacked. */
  unpacked?: { entries: number; bytes: number }
  /** Which image to take when the archive holds several: its name, tag or digest. */
  image?: string
}

/** More than any image needs, less than what keeps the store busy for long. */
export const IMPORT_LIMITS = {
  // As many as Docker stacks.
  layers: 127,
  unpacked: { entries: 500_000, bytes: 10_000_000_000 },
} as const

export interface ImportedImage extends StoredImage {
  /** As the image says itself when it is an export of ours; else its entry point, as `web`. May be empty. */
  processTypes: ProcessTypes
  /** Null for an image that names none, and may bring an operating system of its own. */
  stack: string | null
  commit: string | null
  /** Where its processes begin, the environment they get (`NAME=value`), and as whom they run: '' for whoever runs it. */
  workingDirectory: string
  environment: readonly string[]
  user: string
  /** Whether it holds files in `/app`. One that does not cannot run as processes of a stack, only in a container. */
  hasApp: boolean
}

/** A slug: a tar of `./app`, and what runs in it. */
export interface SlugSource {
  processTypes: ProcessTypes
  stack: string
  commit: string | null
}

/** Somebody sent what cannot be an image here. The sentence says why, and what to do. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused'
}

/** The image would take more than it may. */
export class ImageTooLarge extends Error {
  override readonly name = 'ImageTooLarge'
  /** Bytes its layers would take as stored; of an image that was sent, as many as were announced until then. */
  readonly size: number

  constructor(size: number, maxBytes: number) {
    super(`The image would take ${size} bytes; it may take ${maxBytes}.`)
    this.size = size
  }
}

/** What a removal did. */
export interface Removed {
  /** Freed. */
  bytes: number
  /** What could not be deleted, images or blobs, with why, by digest; it keeps nothing else. The next removal tries again. */
  failures: ReadonlyMap<string, unknown>
}

/** The disk is full: its cause is the file system's own error. */
export class StoreFull extends Error {
  override readonly name = 'StoreFull'

  constructor(options: ErrorOptions) {
    super("No space is left on the artifact store's disk. Free some space and deploy again.", options)
  }
}

export interface BlobSize {
  digest: string
  size: number
}

/** What an image takes. Its own bytes go with it; the shared ones are needed by others as well. */
export interface ImageUsage {
  own: number
  shared: number
  /** Everything it is made of, each once. */
  blobs: readonly BlobSize[]
}

export interface StoreUsage {
  /** By digest. */
  images: ReadonlyMap<string, ImageUsage>
  /** Bytes on disk: of images, of layers unpacked for dynos, and of what is not finished. */
  blobs: number
  unpacked: number
  temporary: number
}

/**
 * Where artifacts' bytes are. It knows nothing of releases: the ledger says what may be removed.
 *
 * What is checked when: a digest while its bytes come in (put, import), before anything refers to them. Every layer of
 * an image each time a dyno is about to use it: the blob's file must be the one whose digest was found right in this run
 * of the server, unchanged in size and times, or else it is read and its digest computed again. So a changed or damaged
 * blob is noticed though its unpacked form is there; a bit that rots on the disk without the file system's knowledge is
 * noticed at the first use after a start, and by a deep `verify`. Unpacked layers are made from checked blobs and then
 * trusted until the machine boots. Putting or importing the same content again repairs what is damaged or missing.
 */
export interface ArtifactStore {
  /**
   * Packs `source` and stores it. Deterministic: the same content gives the same digest, whenever and wherever.
   * After it returns the bytes are on disk for good (synced); a crash before leaves nothing but removable temporaries.
   * Throws {@link ImageTooLarge} when the image would be over `maxBytes`, before any manifest refers to it.
   */
  put(source: ImageSource, maxBytes: number, signal: AbortSignal): Promise<StoredImage>
  /**
   * Stores the image in a tar (plain, gzip or zstd) of an OCI image layout, as it is: its manifest's digest stays. Every
   * digest and size is checked, and each layer read by the rules of unpacking, before the image exists. Throws
   * {@link ImageRefused} or {@link ImageTooLarge}, and keeps nothing then.
   */
  importImage(
    archive: AsyncIterable<Uint8Array>,
    limits: ImportLimits,
    signal: AbortSignal,
  ): Promise<ImportedImage>
  /** Stores a slug (a tar, plain, gzip or zstd, of `./app`) as an image of one layer. Throws as `importImage` does. */
  importSlug(
    archive: AsyncIterable<Uint8Array>,
    slug: SlugSource & ImportLimits,
    signal: AbortSignal,
  ): Promise<StoredImage>
  /**
   * A tar of an OCI image layout that holds this image alone, always the same bytes, which `importImage` takes. While it
   * is read the image's bytes stay, whoever removes it. Ends with an error when they are damaged.
   */
  exportImage(digest: string, signal: AbortSignal): AsyncIterable<Uint8Array>
  has(digest: string): Promise<boolean>
  /**
   * Directories holding the unpacked layers of an image, lowest first, read-only by convention, ready to be the lower
   * layers of a dyno's file system. Each holds `app/`, and what of the layer is in it. Unpacks on first use, atomically;
   * checks digests while it does. Layers that remove files of lower ones (whiteouts) are merged to one directory.
   */
  layers(digest: string, signal: AbortSignal): Promise<readonly string[]>
  /** Removes an image and every layer no other image uses. Removing what is gone succeeds. */
  remove(digest: string): Promise<Removed>
  /**
   * The same for many. First none of them exists any more, then the bytes go; cut short in between, the next removal or
   * start does the rest. Puts and imports go on meanwhile, and what they count on stays.
   */
  removeAll(digests: readonly string[], signal: AbortSignal): Promise<Removed>
  /**
   * Drops the unpacked layers that none of the images `keep` uses, but for those asked for since `unusedSince`: a dyno
   * may be about to start on them.
   */
  pruneUnpacked(keep: readonly string[], unusedSince: Instant): Promise<void>
  /**
   * Says what is wrong with an image, in sentences; empty when all is well. Deep, as it is unless told, every byte is
   * read again; else only whether all is there, in its size.
   */
  verify(digest: string, how?: { deep: boolean }): Promise<readonly string[]>
  /** What is on the disk, and for whom. `weigh` (`usage.ts`) says what a removal would give back. */
  usage(): Promise<StoreUsage>
}
