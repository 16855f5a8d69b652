import { Type } from '@sinclair/typebox'
import { Id, nullable } from './shapes.ts'

export const VerificationShape = Type.Object({
  id: Id,
  digest: Type.String(),
  ok: Type.Boolean({ description: 'Nothing is wrong with it, or not any more' }),
  repaired: Type.Boolean({
    description: 'The Docker engine had lost its image, or called another one so, and has it again',
  }),
  faults: Type.Array(Type.String({ description: 'What is wrong with its bytes: a sentence' })),
  runtime_fault: nullable(
    Type.String({
      description: 'Why the Docker engine cannot have its image, whose bytes are sound: a sentence',
    }),
  ),
})
