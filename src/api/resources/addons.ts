import { Type } from '@sinclair/typebox'
import { notFound } from '../../core/errors.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { AppParams } from '../schema/shapes.ts'

/** No app has add-ons, drains, features or pipelines: clients that look for them beside something else find none. */
export function addonRoutes(api: Api, context: ApiContext): void {
  for (const path of ['/addons', '/addon-attachments', '/addon-services', '/plans']) {
    api.get(path, { schema: { tags: ['add-on'] } }, async () => [])
  }

  for (const noun of ['addons', 'addon-attachments', 'features', 'log-drains']) {
    api.get(`/apps/:app/${noun}`, { schema: { tags: ['add-on'], params: AppParams } }, async request => {
      await appFor(context, request, 'view')
      return []
    })
  }

  const ABSENT = [
    ['addons', 'add_on'],
    ['addon-attachments', 'add_on attachment'],
    ['features', 'feature'],
    ['log-drains', 'log_drain'],
  ] as const
  const params = Type.Object({ app: Type.String(), name: Type.String() })
  for (const [noun, resource] of ABSENT) {
    api.get(`/apps/:app/${noun}/:name`, { schema: { hide: true, params } }, async request => {
      await appFor(context, request, 'view')
      throw notFound(resource)
    })
  }

  api.get('/addons/:name', { schema: { hide: true } }, async () => {
    throw notFound('add_on')
  })
  api.post('/actions/addons/resolve', { schema: { hide: true } }, async () => {
    throw notFound('add_on')
  })
  api.post('/actions/addon-attachments/resolve', { schema: { hide: true } }, async () => {
    throw notFound('add_on attachment')
  })
  api.get('/apps/:app/pipeline-couplings', { schema: { hide: true, params: AppParams } }, async request => {
    await appFor(context, request, 'view')
    throw notFound('pipeline_coupling')
  })
}
