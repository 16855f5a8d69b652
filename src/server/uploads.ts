import { createHash } from 'node:crypto'
import { finishUpload, type ReceivedImage } from '../actions/upload-artifact.ts'
import type { ImportedImage, StoredImage } from '../artifacts/store.ts'
import { ImageRefused, ImageTooLarge, StoreFull } from '../artifacts/store.ts'
import type { UnnamedImages } from '../artifacts/unnamed.ts'
import { CONTAINER_STACK, DEFAULT_STACK, STACKS } from '../core/app.ts'
import type { Artifact } from '../core/artifact.ts'
import { invalid, UserError } from '../core/errors.ts'
import type { Upload } from '../core/upload.ts'
import type { Storage } from './storage.ts'

/** As large as what a build makes may be. */
const MAX_BYTES = 500_000_000

interface Sent {
  archive: AsyncIterable<Uint8Array>
  signal: AbortSignal
  runsContainers: boolean
}

/** Stores what is sent for an upload, and has the ledger name it. Throws sentences for what cannot be taken. */
export function receiveUpload(
  { ledger, store, unnamed }: Pick<Storage, 'ledger' | 'store' | 'unnamed'>,
  upload: Upload,
  sent: Sent,
): Promise<Artifact> {
  return unnamed.receiving(async keep =>
    finishUpload(ledger, upload, await storeUpload({ store, keep }, upload, sent)),
  )
}

async function storeUpload(
  { store, keep }: Pick<Storage, 'store'> & { keep: UnnamedImages['store'] },
  upload: Upload,
  { archive, signal, runsContainers }: Sent,
): Promise<ReceivedImage> {
  let image: StoredImage | ImportedImage | undefined
  const take = async (): Promise<StoredImage> => {
    // A stream comes once; what it brought is there, or is missing for good.
    image ??= await receive(checked(archive, upload.details.checksum))
    return image
  }
  const stored = await keep(take, digest => store.has(digest)).catch(error => {
    throw sentence(error)
  })
  const said = 'hasApp' in (image ?? {}) ? (image as ImportedImage) : undefined
  const stack = stackOf(said, upload.details.stack)
  if (stack === CONTAINER_STACK && !runsContainers)
    throw invalid(
      'This image brings an operating system of its own, and here programs run without containers. Start the server with TIDEMARK_RUNTIME=docker, or push an image that holds its files in /app.',
    )
  return {
    ...{ digest: stored.digest, size: stored.size, stack },
    processTypes: said?.processTypes ?? {},
    commit: said?.commit ?? null,
  }

  function receive(source: AsyncIterable<Uint8Array>): Promise<StoredImage | ImportedImage> {
    const { kind, details } = upload
    if (kind === 'oci-image') return store.importImage(source, { maxBytes: MAX_BYTES }, signal)
    const slug = {
      processTypes: details.processTypes ?? {},
      stack: details.stack ?? DEFAULT_STACK,
      commit: details.commit,
      maxBytes: MAX_BYTES,
    }
    return store.importSlug(source, slug, signal)
  }
}

/** An image without files in `/app`, or of a stack that is unknown here, brings all it runs on itself. */
function stackOf(image: ImportedImage | undefined, asked: string | null): string {
  if (image === undefined) return asked ?? DEFAULT_STACK
  const stack = asked ?? image.stack
  return image.hasApp && STACKS.some(known => known === stack) ? (stack ?? CONTAINER_STACK) : CONTAINER_STACK
}

/** Breaks off at its end when it is not what its sender said it would be: then nothing of it is kept. */
async function* checked(
  archive: AsyncIterable<Uint8Array>,
  checksum: string | null,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of archive) {
    hash.update(chunk)
    yield chunk
  }
  const found = hash.digest('hex')
  if (checksum !== null && checksum !== found)
    throw new ImageRefused(
      `The upload has the checksum SHA256:${found}, not SHA256:${checksum}. It was changed on the way, or the checksum is of another file.`,
    )
}

function sentence(error: unknown): unknown {
  if (error instanceof ImageRefused) return invalid(error.message)
  if (error instanceof ImageTooLarge) return new UserError('request_too_large', error.message)
  if (error instanceof StoreFull) return new UserError('service_unavailable', error.message)
  return error
}
