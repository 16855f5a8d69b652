import type { Addon } from '../core/addon.ts'
import { days } from '../core/time.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** How long what was in a destroyed add-on is kept. */
const KEPT = days(7)

/** Takes down what was kept of an add-on before its provider took it away. */
export async function recordBackup(
  ledger: Ledger,
  addonId: string,
  backup: { id: string; place: string; size: number },
): Promise<void> {
  await ledger.transactPlatform(tx =>
    tx.addonBackups.insert({ ...backup, addonId, expiresAt: tx.now + KEPT }),
  )
}

/** What was kept is not kept any more. */
export async function forgetBackup(ledger: Ledger, backupId: string): Promise<void> {
  await ledger.transactPlatform(tx => tx.addonBackups.markDeleted(backupId))
}

/** The provider of an add-on has taken it away. */
export async function finishRemoval(
  ledger: Ledger,
  addon: Pick<Addon, 'id' | 'appId' | 'name'>,
): Promise<void> {
  await ledger.transactPlatform(async tx => {
    const locked = await tx.addons.lock(addon.id)
    if (locked?.state !== 'deprovisioning') return
    await tx.addons.update(addon.id, {
      state: 'deprovisioned',
      config: null,
      attempts: 0,
      nextAttemptAt: null,
    })
    await tx.addonGrants.deleteOfAddon(addon.id)
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: addon.name, state: 'deprovisioned' })
  })
}

/** Takes down that something with an add-on failed, and when it is to be tried again. */
export async function postponeAddon(
  ledger: Ledger,
  addon: Pick<Addon, 'id' | 'appId' | 'name'>,
  { reason, nextAttemptAt }: { reason: string; nextAttemptAt: number },
): Promise<void> {
  await ledger.transactPlatform(async tx => {
    const locked = await tx.addons.lock(addon.id)
    if (!locked) return
    await tx.addons.update(addon.id, { reason, nextAttemptAt, attempts: locked.attempts + 1 })
    tx.emit(addon.appId, 'addon:update', { id: addon.id, name: addon.name, reason })
  })
}
