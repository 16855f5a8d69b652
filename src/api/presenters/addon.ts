import type { Static } from '@sinclair/typebox'
import type { Addon } from '../../core/addon.ts'
import { planNamed } from '../../core/addon-service.ts'
import type { App } from '../../core/app.ts'
import type { Attachment } from '../../core/attachment.ts'
import { isoSeconds } from '../../core/time.ts'
import type { Catalogue } from '../catalogue.ts'
import type { AddonShape, AttachmentShape } from '../schema/addon.ts'
import { planId, presentPlan, presentService, priceOf } from './addon-service.ts'
import { appReference } from './app.ts'

type AppName = Pick<App, 'id' | 'name'>

/** `app` is the one it belongs to; `configVars` are those it has there. */
export function presentAddon(
  addon: Addon,
  {
    app,
    configVars,
    catalogue,
    webUrl,
  }: {
    app: AppName
    configVars: readonly string[]
    catalogue: Catalogue
    webUrl: string | null
  },
): Static<typeof AddonShape> {
  const service = catalogue.serviceOf(addon)
  const plan = planNamed(service, addon.plan) ?? unknownPlan(addon.plan)
  return {
    id: addon.id,
    name: addon.name,
    actions: [],
    addon_service: presentService(service),
    app: { id: app.id, name: app.name },
    billed_price: priceOf(plan),
    billing_entity: { id: app.id, name: app.name, type: 'app' },
    config_vars: [...configVars],
    plan: presentPlan(service, plan, { isDefault: service.plans[0]?.name === plan.name }),
    provider_id: addon.providerId,
    provision_message: addon.message,
    state: addon.state,
    web_url: webUrl,
    wanted_plan: addon.wantedPlan,
    rotation: addon.rotation,
    reason: addon.reason,
    next_attempt_at: addon.nextAttemptAt === null ? null : isoSeconds(addon.nextAttemptAt),
    created_at: isoSeconds(addon.createdAt),
    updated_at: isoSeconds(addon.updatedAt),
  }
}

/** A plan its service does not have any more. */
function unknownPlan(name: string) {
  return { name, humanName: name, description: '', cents: 0 }
}

export function presentAttachment(
  attachment: Attachment,
  {
    app,
    addon,
    owner,
    createdAt,
    webUrl,
  }: { app: App; addon: Addon; owner: AppName; createdAt: number; webUrl: string | null },
): Static<typeof AttachmentShape> {
  const { service, plan } = addon
  return {
    id: attachment.id,
    name: attachment.name,
    namespace: null,
    addon: {
      id: addon.id,
      name: addon.name,
      app: { id: owner.id, name: owner.name },
      plan: { id: planId(service, plan), name: `${service}:${plan}` },
    },
    app: appReference(app),
    config_vars: [...attachment.configVars],
    web_url: webUrl,
    log_input_url: null,
    created_at: isoSeconds(createdAt),
    updated_at: isoSeconds(createdAt),
  }
}
