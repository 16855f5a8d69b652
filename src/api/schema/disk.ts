import { Type } from '@sinclair/typebox'
import { Named, nullable } from './shapes.ts'

const AppDisk = Type.Object({
  app: Named,
  releases: Type.Object(
    {
      own: Type.Integer({ description: 'Bytes that only this app needs' }),
      shared: Type.Integer({ description: 'Bytes that other apps need as well' }),
    },
    { description: 'Images of its releases' },
  ),
  repository: Type.Integer(),
  build_cache: Type.Integer(),
  logs: Type.Integer({ description: 'Its log, and the output of its builds' }),
  reclaimable: Type.Integer({ description: 'What the next sweep will free' }),
})

export const DiskShape = Type.Object({
  total: Type.Integer({ description: 'Bytes of the disk' }),
  free: Type.Integer(),
  used: nullable(Type.Integer({ description: 'What the platform takes; for its owner' })),
  budget: nullable(Type.Integer({ description: 'What the platform may take' })),
  apps: Type.Array(AppDisk),
})

export const DiskQuery = Type.Object({ app: Type.Optional(Type.String({ description: 'Id or name' })) })
