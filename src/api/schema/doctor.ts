import { Type } from '@sinclair/typebox'
import { oneOf } from './shapes.ts'

export const CheckShape = Type.Object({
  name: oneOf('release', 'formation', 'drift', 'crashes', 'artifact', 'rollout', 'platform'),
  status: oneOf('ok', 'wrong', 'caveat'),
  sentence: Type.String(),
})
