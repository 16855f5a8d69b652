import { Type } from '@sinclair/typebox'
import { Id, nullable, Timestamp } from './shapes.ts'

export const NewLogSession = Type.Object({
  lines: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 1500 }))),
  tail: Type.Optional(nullable(Type.Boolean())),
  dyno: Type.Optional(
    nullable(Type.String({ maxLength: 200, description: 'A dyno (web.1) or a process type (web)' })),
  ),
  type: Type.Optional(nullable(Type.String({ maxLength: 200, description: 'A process type' }))),
  source: Type.Optional(nullable(Type.String({ maxLength: 200, description: 'app or heroku' }))),
})

export const LogSessionShape = Type.Object({
  id: Id,
  logplex_url: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
})
