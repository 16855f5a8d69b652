import { Type } from '@sinclair/typebox'
import { AppSettingsShape, AskedAppSettings } from '../app-settings.ts'
import { Anything, Id, Identity, Named, nullable, Person, Timestamp } from './shapes.ts'

export const AppShape = Type.Object({
  id: Id,
  name: Type.String(),
  acm: Type.Boolean(),
  archived_at: nullable(Timestamp),
  build_stack: Named,
  buildpack_provided_description: nullable(Type.String()),
  create_status: Type.String(),
  created_at: Timestamp,
  current_build_architecture: Type.Array(Type.String()),
  generation: Anything,
  git_url: Type.String(),
  internal_routing: nullable(Type.Boolean()),
  locked: Type.Boolean(),
  maintenance: Type.Boolean(),
  organization: Anything,
  owner: Person,
  region: Named,
  released_at: nullable(Timestamp),
  repo_size: nullable(Type.Integer()),
  settings: AppSettingsShape,
  own_settings: Type.Partial(AppSettingsShape, {
    description: "Settings the app has of its own; the others are the platform's",
  }),
  slug_size: nullable(Type.Integer()),
  space: Anything,
  stack: Named,
  team: Anything,
  updated_at: Timestamp,
  web_url: Type.String(),
})

export const StackShape = Type.Object({
  id: Id,
  name: Type.String(),
  default: Type.Boolean(),
  state: Type.String(),
})

export const NewApp = Type.Object({
  name: Type.Optional(nullable(Type.String())),
  region: Type.Optional(nullable(Identity)),
  stack: Type.Optional(nullable(Identity)),
  space: Type.Optional(Anything),
  team: Type.Optional(Anything),
})

export const AppUpdateBody = Type.Object({
  name: Type.Optional(Type.String()),
  maintenance: Type.Optional(Type.Boolean()),
  build_stack: Type.Optional(Identity),
  settings: Type.Optional(AskedAppSettings),
})
