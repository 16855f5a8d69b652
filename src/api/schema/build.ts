import { Type } from '@sinclair/typebox'
import { Id, Named, nullable, OnlyId, oneOf, Person, Strings, Timestamp } from './shapes.ts'

const Buildpack = Type.Object({ url: Type.String(), name: Type.String() })

export const BuildShape = Type.Object({
  id: Id,
  app: OnlyId,
  buildpacks: Type.Array(Buildpack),
  output_stream_url: Type.String(),
  reason: nullable(Type.String({ description: 'Why it failed' })),
  release: nullable(OnlyId),
  slug: nullable(OnlyId),
  source_blob: Type.Object({
    url: nullable(Type.String()),
    version: nullable(Type.String()),
    version_description: nullable(Type.String()),
    checksum: nullable(Type.String()),
  }),
  stack: Type.String(),
  status: oneOf('pending', 'succeeded', 'failed'),
  user: Person,
  created_at: Timestamp,
  updated_at: Timestamp,
})

const AskedBuildpack = Type.Object({
  url: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
  name: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
})

export const NewBuild = Type.Object({
  source_blob: Type.Object({
    url: Type.String({
      maxLength: 4000,
      description: 'The get_url of a source, or an http(s) URL of a gzipped tarball',
    }),
    version: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
    version_description: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
    checksum: Type.Optional(nullable(Type.String({ description: 'SHA256:<hex>' }))),
  }),
  buildpacks: Type.Optional(nullable(Type.Array(AskedBuildpack, { maxItems: 20 }))),
})

export const BuildParams = Type.Object({ app: Type.String(), build: Type.String() })

export const BuildResultShape = Type.Object({
  build: Type.Object({ id: Id, status: Type.String(), output_stream_url: Type.String() }),
  exit_code: nullable(Type.Integer()),
  lines: Type.Array(Type.Object({ line: Type.String(), stream: Type.String() })),
})

export const SourceShape = Type.Object({
  source_blob: Type.Object({ get_url: Type.String(), put_url: Type.String() }),
})

export const SlugShape = Type.Object({
  id: Id,
  blob: Type.Object({ method: Type.String(), url: nullable(Type.String()) }),
  buildpack_provided_description: nullable(Type.String()),
  checksum: Type.String(),
  commit: nullable(Type.String()),
  commit_description: nullable(Type.String()),
  process_types: Strings,
  size: Type.Integer(),
  stack: Named,
  created_at: Timestamp,
  updated_at: Timestamp,
  deleted_at: nullable(Timestamp),
})

/** A slug whose bytes are still to come. */
export const SlugUploadShape = Type.Object({
  ...SlugShape.properties,
  checksum: nullable(Type.String()),
  size: nullable(Type.Integer()),
})

/** An image whose bytes are still to come. */
export const ImageUploadShape = Type.Object({
  id: Id,
  blob: Type.Object({ method: Type.String(), url: Type.String() }),
})

export const OciImageShape = Type.Object({
  id: Id,
  blob: Type.Object({ method: Type.String(), url: Type.String() }),
  digest: Type.String(),
  size: Type.Integer(),
  commit: nullable(Type.String()),
  commit_description: nullable(Type.String()),
  process_types: Type.Record(
    Type.String(),
    Type.Object({
      name: Type.String(),
      display_cmd: Type.String(),
      command: Type.String(),
      working_dir: Type.String(),
      default: Type.Boolean(),
    }),
  ),
  stack: Named,
  created_at: Timestamp,
  updated_at: Timestamp,
  deleted_at: nullable(Timestamp),
})

export const BuildpackInstallation = Type.Object({ ordinal: Type.Integer(), buildpack: Buildpack })

export const BuildpackUpdates = Type.Object({
  updates: Type.Array(
    Type.Object({ buildpack: Type.Union([Type.String({ maxLength: 1000 }), AskedBuildpack]) }),
    {
      maxItems: 20,
    },
  ),
})
