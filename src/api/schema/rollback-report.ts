import { Type } from '@sinclair/typebox'
import { nullable } from './shapes.ts'

const Names = Type.Array(Type.String())
const AddonVars = Type.Object({ addon: Type.String(), attachment: Type.String(), config_vars: Names })

export const RollbackReportShape = Type.Object({
  version: Type.Integer({ description: 'The release gone back to' }),
  code: nullable(Type.Object({ from: Type.String(), to: Type.String() })),
  config: Type.Object({ adds: Names, removes: Names, changes: Names }),
  stale: Type.Array(AddonVars, { description: 'The add-on gives another value today' }),
  dangling: Type.Array(AddonVars, { description: 'The add-on, or its attachment, is gone' }),
  missing: Type.Array(AddonVars, { description: 'Attached after that release' }),
  commits_ahead: nullable(Type.Integer({ description: 'Of the git remote' })),
  release_commands: Type.Array(Type.Integer(), { description: 'Versions since whose release command ran' }),
  warnings: Type.Array(Type.String(), { description: 'What a person has to see to, a sentence each' }),
})

export const RollbackReportQuery = Type.Object({ keep_addon_config: Type.Optional(Type.String()) })
