import type { AddonChange } from '../ledger/addon-changes.ts'
import type { AppTransaction } from '../ledger/ledger.ts'
import { releaseAddonChange } from './apply-addon-change.ts'

/** The app of the add-on has its release at once; the others in transactions of their own, whatever happens to us. */
export async function spreadAddonChange(
  tx: AppTransaction,
  change: Pick<AddonChange, 'addonId' | 'kind' | 'accountId'>,
): Promise<void> {
  for (const appId of await tx.attachments.apps(change.addonId)) {
    if (appId !== tx.app.id) await tx.addonChanges.insert({ ...change, appId })
  }
  await releaseAddonChange(tx, change)
}
