import type { Actor } from '../core/account.ts'
import type { Addon } from '../core/addon.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import { notFound } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { spreadAddonChange } from './spread-addon-change.ts'
import { type AddonKey, updateAddon } from './update-addon.ts'

/** Takes the config vars its provider gives an add-on from now on: a release of every app it is attached to. */
export async function updateAddonConfig(
  ledger: Ledger,
  addon: AddonKey,
  by: Actor,
  config: ConfigVars,
): Promise<Addon> {
  return updateAddon(ledger, addon, async (tx, locked) => {
    if (locked.state === 'deprovisioning' || locked.state === 'deprovisioned') throw notFound('add_on')
    await tx.addons.update(addon.id, { config })
    if (locked.state !== 'provisioned') return
    await spreadAddonChange(tx, { addonId: addon.id, kind: 'update', accountId: by.id })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, user: by.email })
  })
}
