import { Type } from '@sinclair/typebox'
import { DEFAULT_STACK, STACKS } from '../../core/app.ts'
import { answerPreflight } from '../headers.ts'
import type { Api } from '../instance.ts'
import { named, REGION } from '../presenters/app.ts'

/** What the platform says of itself. */
export function platformRoutes(api: Api): void {
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

  const stacks = STACKS.map(name => ({
    ...named('stack', name),
    default: name === DEFAULT_STACK,
    state: 'public',
  }))
  api.get('/stacks', { schema: { tags: ['platform'] } }, async () => stacks)
  const region = { ...REGION, description: 'This platform', country: '', locale: '', private_capable: false }
  api.get('/regions', { schema: { tags: ['platform'] } }, async () => [region])

  for (const path of ['/teams', '/spaces', '/pipelines', '/account/keys']) {
    api.get(path, { schema: { tags: ['platform'] } }, async () => [])
  }
}
