import { Type } from '@sinclair/typebox'
import { Id, Identity, Named, nullable, OnlyId, oneOf, Person, Timestamp } from './shapes.ts'

export const ReleaseShape = Type.Object({
  id: Id,
  version: Type.Integer(),
  description: Type.String(),
  status: oneOf('pending', 'succeeded', 'failed', 'expired'),
  current: Type.Boolean({ description: 'The release the formation runs' }),
  standby: Type.Boolean({
    description: 'Its web dynos are up without traffic, so that going back to it takes effect at once',
  }),
  eligible_for_rollback: Type.Boolean(),
  reason: nullable(Type.String({ description: 'Why it failed or expired' })),
  pinned: Type.Boolean({ description: 'Exempt from retention' }),
  pin: nullable(
    Type.Object(
      { reason: Type.String(), user: Person, created_at: Timestamp },
      { description: 'Who pinned it, and why' },
    ),
  ),
  addon_plan_names: Type.Array(Type.String()),
  app: Named,
  artifacts: Type.Array(Type.Object({ type: Type.String(), id: Id })),
  slug: nullable(OnlyId),
  oci_image: nullable(OnlyId),
  output_stream_url: nullable(Type.String()),
  user: Person,
  created_at: Timestamp,
  updated_at: Timestamp,
  extended: Type.Optional(
    Type.Object({ slug_id: nullable(Type.String()), slug_uuid: nullable(Type.String()) }),
  ),
})

export const NewRelease = Type.Object({
  release: Type.Optional(Identity),
  keep_addon_config: Type.Optional(
    Type.Boolean({ description: 'A rollback leaves the config vars of add-ons as they are today' }),
  ),
  slug: Type.Optional(nullable(Identity)),
  oci_image: Type.Optional(nullable(Identity)),
  description: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
})

export const PinBody = Type.Object({
  reason: Type.String({ description: 'Why it has to be kept: one line' }),
})

export const ReleaseParams = Type.Object({
  app: Type.String(),
  release: Type.String({ description: 'Id or version (40 or v40)' }),
})

export const ReleaseQuery = Type.Object({ extended: Type.Optional(Type.String()) })
