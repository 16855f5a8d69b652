import type { Actor } from '../core/account.ts'
import type { Addon } from '../core/addon.ts'
import { conflict } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { CALM } from './finish-provisioning.ts'
import { type AddonKey, updateAddon } from './update-addon.ts'

/** Asks for other credentials. `forced`: the old ones end at once, whether the apps run with the new ones or not. */
export async function rotateAddon(
  ledger: Ledger,
  by: Actor,
  addon: AddonKey,
  rotation: 'gentle' | 'forced',
): Promise<Addon> {
  return updateAddon(ledger, addon, async (tx, locked) => {
    if (locked.state !== 'provisioned')
      throw conflict(
        `${locked.name} is ${locked.state}; its credentials can be rotated once it has been created.`,
      )
    if (locked.rotation === 'forced' || locked.rotation === rotation) return
    await tx.addons.update(addon.id, { rotation, ...CALM })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, rotation, user: by.email })
  })
}

/** Only the newest credentials hold. */
export async function finishRotation(ledger: Ledger, addon: AddonKey): Promise<void> {
  await updateAddon(ledger, addon, async (tx, locked) => {
    if (locked.rotation === 'none') return
    await tx.addons.update(addon.id, { rotation: 'none', ...CALM })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, rotation: 'none' })
  })
}
