import { Type } from '@sinclair/typebox'
import { Anything, Id, Identity, Named, nullable, oneOf, Timestamp } from './shapes.ts'

const Price = Type.Object({
  cents: Type.Integer(),
  contract: Type.Boolean(),
  metered: Type.Boolean(),
  unit: Type.String(),
})

export const PlanShape = Type.Object({
  id: Id,
  name: Type.String({ description: 'service:plan' }),
  human_name: Type.String(),
  description: Type.String(),
  default: Type.Boolean(),
  price: Price,
  state: Type.String(),
  visible: Type.Boolean(),
  addon_service: Named,
  installable_inside_private_network: Type.Boolean(),
  installable_outside_private_network: Type.Boolean(),
  space_default: Type.Boolean(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const AddonServiceShape = Type.Object({
  id: Id,
  name: Type.String(),
  human_name: Type.String(),
  cli_plugin_name: nullable(Type.String()),
  state: Type.String(),
  supports_multiple_installations: Type.Boolean(),
  supports_sharing: Type.Boolean(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const AddonShape = Type.Object({
  id: Id,
  name: Type.String(),
  actions: Type.Array(Anything),
  addon_service: AddonServiceShape,
  app: Named,
  billed_price: Price,
  billing_entity: Type.Object({ id: Id, name: Type.String(), type: Type.String() }),
  config_vars: Type.Array(Type.String()),
  plan: PlanShape,
  provider_id: nullable(Type.String()),
  provision_message: nullable(Type.String()),
  state: oneOf('provisioning', 'provisioned', 'deprovisioning', 'deprovisioned'),
  web_url: nullable(Type.String()),
  wanted_plan: nullable(Type.String({ description: 'The plan it is being changed to' })),
  rotation: oneOf('none', 'gentle', 'forced'),
  reason: nullable(Type.String({ description: 'Why the last attempt failed, or why it was given up' })),
  next_attempt_at: nullable(Timestamp),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const NewAddon = Type.Object({
  plan: Identity,
  name: Type.Optional(nullable(Type.String())),
  attachment: Type.Optional(nullable(Type.Object({ name: Type.Optional(nullable(Type.String())) }))),
  config: Type.Optional(
    nullable(Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 1000 }), Type.Boolean()]))),
  ),
  confirm: Type.Optional(nullable(Type.String())),
  backup: Type.Optional(nullable(Type.String({ description: 'Id of the backup it begins with' }))),
})

export const AddonUpdate = Type.Object({
  plan: Type.Optional(Identity),
  name: Type.Optional(Type.String()),
})

export const AddonQuery = Type.Object({
  addon: Type.String(),
  app: Type.Optional(nullable(Type.String())),
  addon_service: Type.Optional(nullable(Type.String())),
})

export const AttachmentShape = Type.Object({
  id: Id,
  name: Type.String(),
  namespace: nullable(Type.String()),
  addon: Type.Object({ id: Id, name: Type.String(), app: Named, plan: Named }),
  app: Named,
  config_vars: Type.Array(Type.String()),
  web_url: nullable(Type.String()),
  log_input_url: nullable(Type.String()),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const NewAttachment = Type.Object({
  addon: Identity,
  app: Identity,
  name: Type.Optional(nullable(Type.String())),
  namespace: Type.Optional(nullable(Type.String())),
  confirm: Type.Optional(nullable(Type.String())),
})

export const AttachmentQuery = Type.Object({
  addon_attachment: Type.String(),
  app: Type.Optional(nullable(Type.String())),
  addon_service: Type.Optional(nullable(Type.String())),
})

export const SsoShape = Type.Object({
  method: oneOf('get', 'post'),
  action: Type.String(),
  params: Type.Record(Type.String(), Type.String()),
})

export const BackupShape = Type.Object({
  id: Id,
  addon: Type.Object({ id: Id, name: Type.String() }),
  addon_service: Type.Object({ name: Type.String() }),
  plan: Type.Object({ name: Type.String() }),
  app: Type.Object({ id: Id, name: Type.String() }),
  attachment_name: Type.String(),
  size: Type.Integer({ description: 'Bytes; 0 when that is not known' }),
  created_at: Timestamp,
  expires_at: Timestamp,
})
