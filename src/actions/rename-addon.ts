import type { Actor } from '../core/account.ts'
import { type Addon, addonNameFault } from '../core/addon.ts'
import { invalid } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type AddonKey, updateAddon } from './update-addon.ts'

/** Gives an add-on another name. No release: what its releases called it stays. */
export async function renameAddon(ledger: Ledger, by: Actor, addon: AddonKey, name: string): Promise<Addon> {
  const fault = addonNameFault(name)
  if (fault) throw invalid(fault)
  return updateAddon(ledger, addon, async (tx, locked) => {
    const other = await tx.addons.byName(name)
    if (other && other.id !== addon.id)
      throw invalid(`Add-on name ${name} is already taken. Choose another one.`)
    await tx.addons.update(addon.id, { name })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name, before: locked.name, user: by.email })
  })
}
