import type { Actor } from '../core/account.ts'
import { CONTAINER_STACK } from '../core/app.ts'
import type { Artifact } from '../core/artifact.ts'
import { conflict, invalid } from '../core/errors.ts'
import { type ProcessTypes, processTypesFault } from '../core/procfile.ts'
import { hours } from '../core/time.ts'
import type { Upload, UploadDetails } from '../core/upload.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** What nobody sent by then is not waited for any more. */
const PATIENCE = hours(24)

/** Opens a place for a slug or an image to be sent to. Throws when its process types or its stack cannot be. */
export async function openUpload(
  ledger: Ledger,
  by: Actor,
  appId: string,
  draft: Pick<Upload, 'kind' | 'details'>,
): Promise<Upload> {
  const { kind, details } = draft
  checkTypes(details.processTypes ?? {})
  if (kind === 'slug' && details.stack === CONTAINER_STACK)
    throw invalid(
      'A slug holds no system of its own, as the container stack has it. Name the stack it was made for, or send an image.',
    )
  return ledger.transact(appId, tx =>
    tx.uploads.insert({ ...draft, id: tx.newId(), appId, accountId: by.id }),
  )
}

/** Forgets the places that nothing was sent to for long. */
export async function forgetUploads(ledger: Ledger): Promise<void> {
  await ledger.transactPlatform(tx => tx.uploads.deleteOlder(tx.now - PATIENCE))
}

export interface ReceivedImage {
  digest: string
  size: number
  /** As the image says itself; empty when it does not. */
  processTypes: ProcessTypes
  stack: string
  commit: string | null
}

/** Takes down what has come in: from now on it is an artifact that can be released. Throws when it came in already. */
export async function finishUpload(
  ledger: Ledger,
  { id, appId, kind }: Pick<Upload, 'id' | 'appId' | 'kind'>,
  image: ReceivedImage,
): Promise<Artifact> {
  return ledger.transact(appId, async tx => {
    const upload = await tx.uploads.byId(id)
    if (!upload)
      throw conflict('This has come in already, or was not waited for any more. Open another place for it.')
    const { details } = upload
    const processTypes = details.processTypes ?? image.processTypes
    checkTypes(processTypes)
    const artifact = await tx.artifacts.insert({
      ...{ id, appId, kind, digest: image.digest, size: image.size, processTypes },
      stack: image.stack,
      commit: details.commit ?? image.commit,
      commitDescription: details.commitDescription,
      buildpackDescription: details.buildpackDescription,
    })
    await tx.uploads.delete(id)
    return artifact
  })
}

function checkTypes(types: UploadDetails['processTypes'] & object): void {
  const fault = processTypesFault(types)
  if (fault) throw invalid(fault)
}
