import { forgetBackup } from '../actions/finish-removal.ts'
import type { AddonContext } from './context.ts'

/** Deletes what was kept of add-ons that were destroyed long enough ago. */
export async function expireBackups(context: AddonContext, signal: AbortSignal): Promise<void> {
  const { ledger, clock, providerOf } = context
  for (const backup of await ledger.read.addonBackups.list()) {
    const addon = await ledger.read.addons.byId(backup.addonId)
    if (backup.expiresAt > clock() || !addon) continue
    const { id, place, size } = backup
    const provider = await providerOf(addon.service)
    await provider?.deleteBackup?.({ id, place, size, resourceId: addon.id, service: addon.service }, signal)
    await forgetBackup(ledger, id)
  }
}
