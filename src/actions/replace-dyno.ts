import type { Ledger } from '../ledger/ledger.ts'

/**
 * Has a fresh dyno take the place of the one in `place`, for no fault of its code: crashes stay counted. Does nothing
 * when that place was restarted meanwhile.
 */
export async function replaceDyno(
  ledger: Ledger,
  appId: string,
  place: { name: string; epoch: number },
): Promise<void> {
  await ledger.transact(appId, async tx => {
    const slot = (await tx.slots.list(appId)).find(candidate => candidate.name === place.name)
    if ((slot?.epoch ?? 0) !== place.epoch) return
    const fresh = { isStopped: false, releaseId: null, crashes: 0, crashedAt: null }
    await tx.slots.save(appId, { ...fresh, ...slot, name: place.name, epoch: place.epoch + 1 })
  })
}
