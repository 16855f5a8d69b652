import type { Actor } from '../core/account.ts'
import type { Addon } from '../core/addon.ts'
import { invalid, notFound } from '../core/errors.ts'
import type { AppTransaction, Ledger, Writer } from '../ledger/ledger.ts'
import { attachmentsTo, linksTo } from './addon-supply.ts'
import { appendRelease } from './append-release.ts'
import { CALM } from './finish-provisioning.ts'

/**
 * Destroys an add-on: one release of every app it is attached to, its config vars gone, then its provider takes it away.
 * Also while it is being made. Destroying it again changes nothing.
 */
export async function destroyAddon(
  ledger: Ledger,
  by: Actor,
  addon: Pick<Addon, 'id' | 'appId'>,
  { isForced = false }: { isForced?: boolean } = {},
): Promise<Addon> {
  return ledger.transact(addon.appId, async tx => {
    const locked = await tx.addons.lock(addon.id)
    if (!locked) throw notFound('add_on')
    if (locked.state === 'deprovisioning' || locked.state === 'deprovisioned') return locked
    const others = await otherApps(tx, locked)
    if (others.length > 0 && !isForced) await refuseWhileShared(tx, locked, others)
    await beginRemoval(tx, locked, by)
    const head = await tx.releases.head(addon.appId)
    const attachments = head ? linksTo(head, locked) : []
    if (attachments.length > 0) await appendRelease(tx, { kind: 'detach', attachments }, by)
    return (await tx.addons.byId(addon.id)) ?? locked
  })
}

/** From now on an add-on is on its way out: other apps are still to be told, its provider to take it away. */
export async function beginRemoval(tx: Writer, addon: Addon, by: Actor): Promise<void> {
  for (const appId of await tx.attachments.apps(addon.id)) {
    if (appId === addon.appId) continue
    await tx.addonChanges.insert({ addonId: addon.id, appId, kind: 'detach', accountId: by.id })
  }
  await tx.addons.update(addon.id, { state: 'deprovisioning', wantedPlan: null, rotation: 'none', ...CALM })
  tx.emit(addon.appId, 'addon:destroy', { id: addon.id, name: addon.name, user: by.email })
}

async function otherApps(tx: AppTransaction, addon: Addon): Promise<string[]> {
  const found: string[] = []
  for (const appId of await tx.attachments.apps(addon.id)) {
    const head = appId === addon.appId ? undefined : await tx.releases.head(appId)
    if (head && attachmentsTo(head, addon.id).length > 0) found.push(appId)
  }
  return found
}

async function refuseWhileShared(
  tx: AppTransaction,
  { name }: Addon,
  appIds: readonly string[],
): Promise<void> {
  const apps = await Promise.all(appIds.map(id => tx.apps.byId(id)))
  const names = apps.flatMap(app => app?.name ?? [])
  throw invalid(
    `${name} is attached to other apps as well: ${names.join(', ')}. Detach it there first, or destroy it all the same: tidemark addons:destroy ${name} --force`,
  )
}
