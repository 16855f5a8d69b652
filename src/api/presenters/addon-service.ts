import type { Static } from '@sinclair/typebox'
import type { AddonService, Plan } from '../../core/addon-service.ts'
import { derivedId } from '../../core/id.ts'
import type { AddonServiceShape, PlanShape } from '../schema/addon.ts'

/** Services and plans come with the program or a manifest; the API asks for a moment all the same. */
const SINCE = '2026-01-01T00:00:00Z'

export function presentService(
  service: Pick<AddonService, 'name' | 'humanName' | 'supportsSharing'>,
): Static<typeof AddonServiceShape> {
  return {
    id: serviceId(service.name),
    name: service.name,
    human_name: service.humanName,
    cli_plugin_name: null,
    state: 'ga',
    supports_multiple_installations: true,
    supports_sharing: service.supportsSharing,
    created_at: SINCE,
    updated_at: SINCE,
  }
}

export function presentPlan(
  service: Pick<AddonService, 'name'>,
  plan: Plan,
  { isDefault }: { isDefault: boolean },
): Static<typeof PlanShape> {
  return {
    id: planId(service.name, plan.name),
    name: `${service.name}:${plan.name}`,
    human_name: plan.humanName,
    description: plan.description,
    default: isDefault,
    price: priceOf(plan),
    state: 'ga',
    visible: true,
    addon_service: { id: serviceId(service.name), name: service.name },
    installable_inside_private_network: false,
    installable_outside_private_network: true,
    space_default: false,
    created_at: SINCE,
    updated_at: SINCE,
  }
}

export function priceOf({ cents }: Pick<Plan, 'cents'>) {
  return { cents, contract: false, metered: false, unit: 'month' }
}

export function serviceId(name: string): string {
  return derivedId('add-on service', name)
}

export function planId(service: string, plan: string): string {
  return derivedId('plan', service, plan)
}
