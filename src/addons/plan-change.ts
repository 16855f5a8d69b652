import { finishPlanChange } from '../actions/change-addon-plan.ts'
import type { Addon } from '../core/addon.ts'
import { type AddonContext, type Outcome, resourceOf } from './context.ts'
import { type Provider, ProviderRefusal } from './provider.ts'

/** Has the provider of an add-on change its plan to the one that is wanted. */
export async function changePlan(
  { ledger }: AddonContext,
  addon: Addon,
  { provider, signal }: { provider: Provider; signal: AbortSignal },
): Promise<Outcome> {
  const resource = resourceOf(addon)
  try {
    const { config, message } = await provider.changePlan(resource, signal)
    const before = await ledger.read.addons.config(addon.id)
    const after = config && { ...before, ...config }
    await finishPlanChange(ledger, addon, { plan: resource.plan, config: after, message })
  } catch (error) {
    if (!(error instanceof ProviderRefusal)) throw error
    await finishPlanChange(ledger, addon, { refused: error.message })
  }
  return null
}
