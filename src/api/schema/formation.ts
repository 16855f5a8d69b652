import { Type } from '@sinclair/typebox'
import { Anything, Id, Named, nullable, oneOf, Timestamp } from './shapes.ts'

export const FormationShape = Type.Object({
  id: Id,
  app: Named,
  type: Type.String(),
  quantity: Type.Integer(),
  size: Type.String(),
  dyno_size: Named,
  command: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

const Quantity = Type.Unsafe<string | number>({
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  description: 'A number, or +1 and -1 for a relative change',
})

const Size = Type.Unsafe<string | { name?: string }>({
  anyOf: [{ type: 'string' }, { type: 'object', properties: { name: { type: 'string' } } }],
})

export const FormationUpdate = Type.Object({
  quantity: Type.Optional(Quantity),
  size: Type.Optional(nullable(Type.String())),
  dyno_size: Type.Optional(Size),
})

export const FormationUpdates = Type.Object({
  updates: Type.Array(Type.Intersect([Type.Object({ type: Type.String() }), FormationUpdate]), {
    maxItems: 100,
  }),
})

export const TypeParams = Type.Object({ app: Type.String(), type: Type.String() })

export const DynoShape = Type.Object({
  id: Id,
  name: Type.String(),
  type: Type.String(),
  state: oneOf('crashed', 'down', 'idle', 'starting', 'up', 'complete'),
  size: Type.String(),
  command: Type.String(),
  attach_url: nullable(Type.String()),
  app: Named,
  release: Type.Object({ id: Id, version: Type.Integer() }),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const NewDyno = Type.Object({
  command: Type.String(),
  attach: Type.Optional(nullable(Type.Boolean())),
  env: Type.Optional(nullable(Type.Record(Type.String(), Anything))),
  size: Type.Optional(nullable(Type.String())),
  type: Type.Optional(nullable(Type.String())),
})

export const DynoParams = Type.Object({
  app: Type.String(),
  dyno: Type.String({ description: 'Id or name (web.1)' }),
})
