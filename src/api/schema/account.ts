import { Type } from '@sinclair/typebox'
import { Anything, Id, nullable, Person, Timestamp } from './shapes.ts'

export const AccountShape = Type.Object({
  id: Id,
  email: Type.String(),
  name: nullable(Type.String()),
  verified: Type.Boolean(),
  federated: Type.Boolean(),
  two_factor_authentication: Type.Boolean(),
  beta: Type.Boolean(),
  allow_tracking: Type.Boolean(),
  is_owner: Type.Boolean({
    description: 'Whether it owns the platform: manages accounts and sees every app',
  }),
  disabled_at: nullable(Timestamp),
  last_login: nullable(Timestamp),
  suspended_at: nullable(Timestamp),
  delinquent_at: nullable(Timestamp),
  default_organization: Anything,
  default_team: Anything,
  identity_provider: Anything,
  sms_number: nullable(Type.String()),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const AccountUpdate = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 200 })),
  password: Type.Optional(Type.String({ description: 'The password of now; needed to set another' })),
  new_password: Type.Optional(Type.String()),
})

export const NewAccount = Type.Object({
  email: Type.String(),
  name: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  password: Type.Optional(Type.String()),
  is_owner: Type.Optional(Type.Boolean()),
})

export const PasswordBody = Type.Object({ password: Type.String() })

/** A new account; without a password it comes with a token, shown this once. */
export const MadeAccount = Type.Object({ ...AccountShape.properties, token: Type.Optional(Type.String()) })

export const AuthorizationShape = Type.Object({
  id: Id,
  description: Type.String(),
  scope: Type.Array(Type.String()),
  access_token: Type.Object({
    id: Id,
    token: nullable(Type.String({ description: 'Shown when it is made, and to whoever uses it' })),
    expires_in: nullable(Type.Integer({ description: 'Seconds' })),
  }),
  client: Anything,
  grant: Anything,
  refresh_token: Anything,
  session: Anything,
  user: Person,
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const NewAuthorization = Type.Object({
  description: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  expires_in: Type.Optional(
    nullable(Type.Integer({ minimum: 1, maximum: 315_360_000, description: 'Seconds' })),
  ),
  scope: Type.Optional(nullable(Type.Array(Type.String()))),
})
