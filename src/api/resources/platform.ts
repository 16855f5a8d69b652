import { Type } from '@sinclair/typebox'
import type { ApiContext } from '../context.ts'
import { answerPreflight } from '../headers.ts'
import type { Api } from '../instance.ts'
import { named, REGION } from '../presenters/app.ts'
import { StackShape } from '../schema/app.ts'

/** What the platform says of itself. */
export function platformRoutes(api: Api, context: ApiContext): void {
  const open = { config: { access: 'public' as const } }

  api.get(
    '/health',
    {
      ...open,
      schema: { tags: ['platform'], security: [], response: { 200: Type.Object({ status: Type.String() }) } },
    },
    async () => ({ status: 'ok' }),
  )

  for (const path of ['/schema', '/openapi.json']) {
    api.get(path, { ...open, schema: { hide: true } }, async () => api.swagger())
  }

  api.options('/*', { ...open, schema: { hide: true } }, answerPreflight)

  const stacks = context.stacks.map((name, at) => ({
    ...named('stack', name),
    default: at === 0,
    state: 'public',
  }))
  api.get(
    '/stacks',
    { schema: { tags: ['platform'], response: { 200: Type.Array(StackShape) } } },
    async () => stacks,
  )
  const region = { ...REGION, description: 'This platform', country: '', locale: '', private_capable: false }
  api.get('/regions', { schema: { tags: ['platform'] } }, async () => [region])

  for (const path of ['/teams', '/spaces', '/pipelines', '/account/keys']) {
    api.get(path, { schema: { tags: ['platform'] } }, async () => [])
  }
}
