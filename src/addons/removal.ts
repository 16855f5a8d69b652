import { finishRemoval, recordBackup } from '../actions/finish-removal.ts'
import type { Addon } from '../core/addon.ts'
import { derivedId } from '../core/id.ts'
import { minutes } from '../core/time.ts'
import { type AddonContext, type Outcome, resourceOf } from './context.ts'
import { type Provider, ProviderUnavailable } from './provider.ts'

/** Apps are given this long to run without it. */
const PATIENCE = minutes(10)

/** Keeps what is in an add-on, and has its provider take it away, once the apps it was attached to run without it. */
export async function remove(
  context: AddonContext,
  addon: Addon,
  { provider, signal }: { provider: Provider; signal: AbortSignal },
): Promise<Outcome> {
  const { ledger, clock } = context
  const patience = addon.updatedAt + PATIENCE
  if (addon.attempts === 0 && clock() < patience && (await isLetGo(context, addon)) === false)
    return { lookAt: patience }
  const resource = resourceOf(addon)
  const wasMade = (await ledger.read.addons.config(addon.id)) !== undefined
  if (wasMade && provider.backup) {
    const id = derivedId(addon.id, 'backup before its removal')
    const isKept = (await ledger.read.addonBackups.byId(id)) !== undefined
    const backup = isKept ? null : await provider.backup(resource, id, signal)
    if (backup) await recordBackup(ledger, addon.id, backup)
  }
  const outcome = await provider.deprovision(resource, signal)
  if (outcome === 'pending')
    throw new ProviderUnavailable(`The provider of ${addon.name} is still taking it away.`)
  await finishRemoval(ledger, addon)
  return null
}

/** Whether no app is still to be told, or on its way to run without it. */
async function isLetGo({ ledger }: AddonContext, addon: Addon): Promise<boolean> {
  const changes = await ledger.read.addonChanges.list()
  if (changes.some(({ addonId }) => addonId === addon.id)) return false
  for (const appId of await ledger.read.attachments.apps(addon.id)) {
    const pending = await ledger.read.releases.pending(appId)
    if (pending.some(({ kind }) => kind === 'detach')) return false
  }
  return true
}
