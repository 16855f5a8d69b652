import { failProvisioning, finishProvisioning } from '../actions/finish-provisioning.ts'
import type { Addon } from '../core/addon.ts'
import { hours } from '../core/time.ts'
import { type AddonContext, type Outcome, resourceOf } from './context.ts'
import { type Backup, type Provider, ProviderRefusal } from './provider.ts'

/** What is not there by then never will be. */
const DEADLINE = hours(12)

/** Has an add-on made, or waits for a provider that goes on by itself. */
export async function provision(
  context: AddonContext,
  addon: Addon,
  { provider, signal }: { provider: Provider; signal: AbortSignal },
): Promise<Outcome> {
  const { ledger, clock } = context
  const deadline = addon.createdAt + DEADLINE
  if (clock() >= deadline) {
    const why = addon.reason ?? 'its provider never said that it was done'
    await failProvisioning(ledger, addon, `${addon.name} could not be created within 12 hours: ${why}`)
    return null
  }
  if (addon.providerId !== null) return { lookAt: deadline }
  try {
    const from = await backupOf(context, addon)
    const made = await provider.provision(resourceOf(addon), { options: addon.options, from }, signal)
    const config = made.state === 'provisioned' ? made.config : null
    await finishProvisioning(ledger, addon, { providerId: made.providerId, config, message: made.message })
  } catch (error) {
    if (!(error instanceof ProviderRefusal)) throw error
    await failProvisioning(ledger, addon, error.message)
  }
  return null
}

async function backupOf({ ledger }: AddonContext, { backupId }: Addon): Promise<Backup | null> {
  if (backupId === null) return null
  const backup = await ledger.read.addonBackups.byId(backupId)
  const of = backup && (await ledger.read.addons.byId(backup.addonId))
  if (!backup || !of) throw new ProviderRefusal('The backup it was to begin with is not there any more.')
  const { id, place, size } = backup
  return { id, resourceId: of.id, service: of.service, place, size }
}
