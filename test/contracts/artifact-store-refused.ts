import assert from 'node:assert/strict'
import { type ArtifactStore, ImageRefused, type ImportLimits } from '../../src/artifacts/store.ts'
import { never, ROOM, type StorePlace } from './artifact-store-place.ts'
import { sent } from './image-archive.ts'

export interface Refusals {
  theStore(): Promise<ArtifactStore>
  refused(bytes: Buffer, sentence: RegExp, limits?: Partial<ImportLimits>): Promise<void>
}

/** A store that is sent one wrong thing after another. */
export function refusals(place: StorePlace): Refusals {
  let opened: Promise<ArtifactStore> | undefined

  const theStore = () => {
    opened ??= place.open()
    return opened
  }

  /** It is refused with this sentence, and nothing of it is kept. */
  const refused = async (bytes: Buffer, sentence: RegExp, limits: Partial<ImportLimits> = {}) => {
    const store = await theStore()
    const fault = await store.importImage(sent(bytes), { maxBytes: ROOM, ...limits }, never).then(
      () => assert.fail('stored'),
      (error: unknown) => error,
    )
    assert.ok(fault instanceof ImageRefused, String(fault))
    assert.match(fault.message, sentence)
    await keptNothing(store)
  }

  return { theStore, refused }
}

export async function keptNothing(store: ArtifactStore): Promise<void> {
  const { images, blobs, temporary } = await store.usage()
  assert.deepEqual([images.size, blobs, temporary], [0, 0, 0])
}
