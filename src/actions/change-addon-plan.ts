import type { Actor } from '../core/account.ts'
import type { Addon } from '../core/addon.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import { conflict } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { CALM } from './finish-provisioning.ts'
import { spreadAddonChange } from './spread-addon-change.ts'
import { type AddonKey, updateAddon } from './update-addon.ts'

/** Asks for another plan; the release follows when its provider has changed it. */
export async function changeAddonPlan(
  ledger: Ledger,
  by: Actor,
  addon: AddonKey,
  plan: string,
): Promise<Addon> {
  return updateAddon(ledger, addon, async (tx, locked) => {
    if (locked.state !== 'provisioned')
      throw conflict(`${locked.name} is ${locked.state}; its plan can be changed once it has been created.`)
    if (locked.plan === plan && locked.wantedPlan === null) return
    await tx.addons.update(addon.id, { wantedPlan: plan, wantedBy: by.id, ...CALM })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, plan, user: by.email })
  })
}

/** Ends a change of plan: with the plan, and the config vars where its provider changed them; or with why it failed. */
export async function finishPlanChange(
  ledger: Ledger,
  addon: Pick<Addon, 'id' | 'appId' | 'accountId' | 'wantedPlan'>,
  outcome: { plan: string; config: ConfigVars | null; message: string | null } | { refused: string },
): Promise<void> {
  await updateAddon(ledger, addon, async (tx, locked) => {
    if (locked.state !== 'provisioned' || locked.wantedPlan !== addon.wantedPlan) return
    if ('refused' in outcome) {
      await tx.addons.update(addon.id, { wantedPlan: null, ...CALM, reason: outcome.refused })
      tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, reason: outcome.refused })
      return
    }
    const { plan, config, message } = outcome
    await tx.addons.update(addon.id, { plan, wantedPlan: null, message, ...CALM, ...(config && { config }) })
    await spreadAddonChange(tx, {
      addonId: addon.id,
      kind: 'plan',
      accountId: locked.wantedBy ?? locked.accountId,
    })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, plan })
  })
}
