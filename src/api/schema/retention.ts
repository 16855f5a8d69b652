import { Type } from '@sinclair/typebox'
import { Id, Named, nullable, oneOf, Timestamp } from './shapes.ts'

const Policy = Type.Object({
  days: Type.Integer({ description: 'A release is old after so many days' }),
  releases: Type.Integer({ description: "So many of an app's releases are its newest" }),
  rule: oneOf('any', 'all'),
})

export const RetentionPolicyShape = Type.Object({
  app: Named,
  days: nullable(Type.Integer({ description: "The app's own; null where the platform's holds" })),
  releases: nullable(Type.Integer()),
  rule: nullable(oneOf('any', 'all')),
  effective: Policy,
  platform: Policy,
  age_counts: Type.Boolean({ description: 'False while the clock of the platform is not to be trusted' }),
  age_counts_again_at: nullable(Timestamp),
})

/** Checked by the policy itself, which says in a sentence what it takes. */
export const RetentionPolicyBody = Type.Object(
  {
    days: Type.Optional(nullable(Type.Number())),
    releases: Type.Optional(nullable(Type.Number())),
    rule: Type.Optional(nullable(Type.String())),
  },
  { additionalProperties: false, description: "What is left out stays; null takes the platform's" },
)

export const SweepBody = Type.Object({
  dry_run: Type.Optional(Type.Boolean({ description: 'Say what would happen, and change nothing' })),
})

export const SweepShape = Type.Object({
  dry_run: Type.Boolean(),
  policy: Policy,
  releases: Type.Array(
    Type.Object({
      id: Id,
      version: Type.Integer(),
      verdict: oneOf('kept', 'expired'),
      due: Type.Boolean({ description: 'Expired by this sweep, not before' }),
      why: Type.String(),
    }),
  ),
  artifacts: Type.Integer({ description: 'Artifacts destroyed by this sweep' }),
  bytes: Type.Integer({ description: 'Bytes freed, or that would be' }),
})
