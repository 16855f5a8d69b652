import type { Actor } from '../core/account.ts'
import { type Addon, addonNameFault } from '../core/addon.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import { conflict, invalid, notFound } from '../core/errors.ts'
import type { AddonChange } from '../ledger/addon-changes.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { releaseAddonChange } from './apply-addon-change.ts'
import { CALM } from './finish-provisioning.ts'

type Named = Pick<Addon, 'id' | 'appId'>

/** Gives an add-on another name. No release: what its releases called it stays. */
export async function renameAddon(ledger: Ledger, by: Actor, addon: Named, name: string): Promise<Addon> {
  const fault = addonNameFault(name)
  if (fault) throw invalid(fault)
  return changed(ledger, addon, async (tx, locked) => {
    const other = await tx.addons.byName(name)
    if (other && other.id !== addon.id)
      throw invalid(`Add-on name ${name} is already taken. Choose another one.`)
    await tx.addons.update(addon.id, { name })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name, before: locked.name, user: by.email })
  })
}

/** Asks for another plan; the release follows when its provider has changed it. */
export async function changeAddonPlan(ledger: Ledger, by: Actor, addon: Named, plan: string): Promise<Addon> {
  return changed(ledger, addon, async (tx, locked) => {
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
  await changed(ledger, addon, async (tx, locked) => {
    if (locked.state !== 'provisioned' || locked.wantedPlan !== addon.wantedPlan) return
    if ('refused' in outcome) {
      await tx.addons.update(addon.id, { wantedPlan: null, ...CALM, reason: outcome.refused })
      tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, reason: outcome.refused })
      return
    }
    const { plan, config, message } = outcome
    await tx.addons.update(addon.id, { plan, wantedPlan: null, message, ...CALM, ...(config && { config }) })
    await spread(tx, { addonId: addon.id, kind: 'plan', accountId: locked.wantedBy ?? locked.accountId })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, plan })
  })
}

/** Takes the config vars its provider gives an add-on from now on: a release of every app it is attached to. */
export async function updateAddonConfig(
  ledger: Ledger,
  addon: Named,
  by: Actor,
  config: ConfigVars,
): Promise<Addon> {
  return changed(ledger, addon, async (tx, locked) => {
    if (locked.state === 'deprovisioning' || locked.state === 'deprovisioned') throw notFound('add_on')
    await tx.addons.update(addon.id, { config })
    if (locked.state !== 'provisioned') return
    await spread(tx, { addonId: addon.id, kind: 'update', accountId: by.id })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, user: by.email })
  })
}

/** Asks for other credentials. `forced`: the old ones end at once, whether the apps run with the new ones or not. */
export async function rotateAddon(
  ledger: Ledger,
  by: Actor,
  addon: Named,
  rotation: 'gentle' | 'forced',
): Promise<Addon> {
  return changed(ledger, addon, async (tx, locked) => {
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
export async function finishRotation(ledger: Ledger, addon: Named): Promise<void> {
  await changed(ledger, addon, async (tx, locked) => {
    if (locked.rotation === 'none') return
    await tx.addons.update(addon.id, { rotation: 'none', ...CALM })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: locked.name, rotation: 'none' })
  })
}

async function changed(
  ledger: Ledger,
  { id, appId }: Named,
  work: (tx: AppTransaction, locked: Addon) => Promise<void>,
): Promise<Addon> {
  return ledger.transact(appId, async tx => {
    const locked = await tx.addons.lock(id)
    if (!locked) throw notFound('add_on')
    await work(tx, locked)
    return (await tx.addons.byId(id)) ?? locked
  })
}

/** The app of the add-on has its release at once; the others in transactions of their own, whatever happens to us. */
async function spread(
  tx: AppTransaction,
  change: Pick<AddonChange, 'addonId' | 'kind' | 'accountId'>,
): Promise<void> {
  for (const appId of await tx.attachments.apps(change.addonId)) {
    if (appId !== tx.app.id) await tx.addonChanges.insert({ ...change, appId })
  }
  await releaseAddonChange(tx, change)
}
