import { Type } from '@sinclair/typebox'
import type { App } from '../../core/app.ts'
import { notFound } from '../../core/errors.ts'
import { requirePlatformOwner } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { describePage } from '../list.ts'
import { AppShape } from '../schema/app.ts'
import { ReleaseShape } from '../schema/release.ts'
import { AppParams } from '../schema/shapes.ts'
import { describeApps } from './apps.ts'
import { describeReleases, RELEASE_ATTRIBUTES, releaseKey, releasePage } from './releases.ts'

/** Destroyed apps, whose ledgers the owner of the platform can read for ever. */
export function archivedAppRoutes(api: Api, context: ApiContext): void {
  const { apps } = context.ledger.read
  const tags = ['archived-app']

  api.get(
    '/archived-apps',
    { schema: { tags, summary: 'Destroyed apps', response: { '2xx': Type.Array(AppShape) } } },
    async (request, reply) => {
      requirePlatformOwner(request.account)
      return describeApps(context, await apps.archived(), { request, reply })
    },
  )

  api.get(
    '/archived-apps/:app/releases',
    {
      schema: {
        tags,
        summary: 'The ledger of a destroyed app',
        params: AppParams,
        response: { '2xx': Type.Array(ReleaseShape) },
      },
    },
    async (request, reply) => {
      requirePlatformOwner(request.account)
      const app = await find(request.params.app)
      const { page, range } = await releasePage(context.ledger, app.id, request)
      describePage(reply, { page, range, attributes: RELEASE_ATTRIBUTES, key: releaseKey })
      return describeReleases(context, { app, releases: page.items, request })
    },
  )

  /** Several destroyed apps may have had one name, so a name finds the one destroyed last. */
  async function find(identity: string): Promise<App> {
    const found = (await apps.archived()).findLast(({ id, name }) => id === identity || name === identity)
    if (!found) throw notFound('app')
    return found
  }
}
