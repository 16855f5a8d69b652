import { supply } from '../core/attachment.ts'
import type { Change } from '../core/change.ts'
import { isNotFound } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import type { AddonChange } from '../ledger/addon-changes.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { linksTo, supplyFrom } from './addon-supply.ts'
import { appendRelease } from './append-release.ts'

/** Appends the release that a change of an add-on means for one app it is attached to: once, however often it is asked to. */
export async function applyAddonChange(ledger: Ledger, change: AddonChange): Promise<void> {
  try {
    await ledger.transact(change.appId, async tx => {
      if (await tx.addonChanges.delete(change.id)) await releaseAddonChange(tx, change)
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
    // The app was destroyed.
    await ledger.transactPlatform(tx => tx.addonChanges.delete(change.id))
  }
}

/** The release of the transaction's app that follows from what became of an add-on; none when nothing is different. */
export async function releaseAddonChange(
  tx: AppTransaction,
  { addonId, kind, accountId }: Pick<AddonChange, 'addonId' | 'kind' | 'accountId'>,
): Promise<void> {
  const head = await tx.releases.head(tx.app.id)
  const by = await tx.accounts.byId(accountId)
  if (!head || !by) return
  const change = await changeOf(tx, head, { addonId, kind })
  if (change) await appendRelease(tx, change, by)
}

async function changeOf(
  tx: AppTransaction,
  head: Release,
  { addonId, kind }: Pick<AddonChange, 'addonId' | 'kind'>,
): Promise<Change | undefined> {
  const addon = await tx.addons.byId(addonId)
  const attachments = addon ? linksTo(head, addon) : []
  if (!addon || attachments.length === 0) return undefined
  if (kind === 'detach') return { kind, attachments }
  const config = await tx.addons.config(addonId)
  if (!config) return undefined
  const given = supplyFrom(addon, config)
  if (kind === 'plan') return { kind: 'addon-plan', supply: given }
  const before = await tx.configs.load(head.configId)
  const after = supply({ config: before, attachments: head.attachments }, [given])
  return after.config === before ? undefined : { kind: 'addon-update', supply: given }
}
