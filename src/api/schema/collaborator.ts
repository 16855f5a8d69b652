import { Type } from '@sinclair/typebox'
import { Id, Named, oneOf, Timestamp } from './shapes.ts'

export const CollaboratorShape = Type.Object({
  id: Id,
  app: Named,
  user: Type.Object({ id: Id, email: Type.String(), federated: Type.Boolean() }),
  role: oneOf('owner', 'collaborator'),
  permissions: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const NewCollaborator = Type.Object({
  user: Type.Unsafe<string | { id?: string; email?: string }>({
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'object', properties: { id: { type: 'string' }, email: { type: 'string' } } },
    ],
  }),
})

export const CollaboratorParams = Type.Object({
  app: Type.String(),
  collaborator: Type.String({ description: 'Id or e-mail address' }),
})
