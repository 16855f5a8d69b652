import { Type } from '@sinclair/typebox'
import { Identity, nullable, Strings } from './shapes.ts'

const Provenance = {
  commit: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  commit_description: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
  buildpack_provided_description: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  checksum: Type.Optional(nullable(Type.String({ pattern: '^(SHA256|sha256):[0-9a-fA-F]{64}$' }))),
  stack: Type.Optional(nullable(Identity)),
}

export const NewSlug = Type.Object({ process_types: Strings, ...Provenance })

export const NewOciImage = Type.Object({ process_types: Type.Optional(nullable(Strings)), ...Provenance })
