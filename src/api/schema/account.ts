import { Type } from '@sinclair/typebox'
import { Anything, Id, nullable, Timestamp } from './shapes.ts'

export const AccountShape = Type.Object({
  id: Id,
  email: Type.String(),
  name: nullable(Type.String()),
  verified: Type.Boolean(),
  federated: Type.Boolean(),
  two_factor_authentication: Type.Boolean(),
  beta: Type.Boolean(),
  allow_tracking: Type.Boolean(),
  platform_owner: Type.Boolean({ description: 'Whether it may manage accounts and sees every app' }),
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
  platform_owner: Type.Optional(Type.Boolean()),
})

export const PasswordBody = Type.Object({ password: Type.String() })
