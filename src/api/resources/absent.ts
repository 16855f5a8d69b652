import { Type } from '@sinclair/typebox'
import { notFound } from '../../core/errors.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AppParams } from '../schema/shapes.ts'

const NOUNS = [
  ['features', 'feature'],
  ['log-drains', 'log_drain'],
] as const

/** No app has drains, features or pipelines: clients that look for them beside something else find none. */
export function absentRoutes(api: Api, context: ApiContext): void {
  const params = Type.Object({ app: Type.String(), name: Type.String() })
  for (const [noun, resource] of NOUNS) {
    api.get(`/apps/:app/${noun}`, { schema: { hide: true, params: AppParams } }, async request => {
      await appFor(context, request, 'view')
      return []
    })
    api.get(`/apps/:app/${noun}/:name`, { schema: { hide: true, params } }, async request => {
      await appFor(context, request, 'view')
      throw notFound(resource)
    })
  }
  api.get('/apps/:app/pipeline-couplings', { schema: { hide: true, params: AppParams } }, async request => {
    await appFor(context, request, 'view')
    throw notFound('pipeline_coupling')
  })
}
