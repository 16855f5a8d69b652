import type { Addon } from '../core/addon.ts'
import { notFound } from '../core/errors.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'

/** Which add-on, and whose it is. */
export type AddonKey = Pick<Addon, 'id' | 'appId'>

/** One change of an add-on, under the lock of its app; answers what the add-on is then. */
export async function updateAddon(
  ledger: Ledger,
  { id, appId }: AddonKey,
  work: (tx: AppTransaction, locked: Addon) => Promise<void>,
): Promise<Addon> {
  return ledger.transact(appId, async tx => {
    const locked = await tx.addons.lock(id)
    if (!locked) throw notFound('add_on')
    await work(tx, locked)
    return (await tx.addons.byId(id)) ?? locked
  })
}
