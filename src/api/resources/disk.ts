import { findApp } from '../../actions/find-app.ts'
import type { Account } from '../../core/account.ts'
import type { App } from '../../core/app.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { appReference } from '../presenters/app.ts'
import { DiskQuery, DiskShape } from '../schema/disk.ts'

/** What is on disk, and whose it is. An extension: the Platform API has no such resource. */
export function diskRoutes(api: Api, context: ApiContext): void {
  const { ledger, disk } = context

  api.get(
    '/disk',
    {
      schema: {
        ...{ tags: ['platform'], summary: 'What apps take on disk: those the account may see' },
        ...{ querystring: DiskQuery, response: { 200: DiskShape } },
      },
    },
    async ({ account, query }) => {
      const seen = await visible(account, query.app)
      const apps = new Map(seen.map(app => [app.id, app]))
      const { total, free, used, budget } = await disk.disk()
      const measured = (await disk.apps(seen)).flatMap(({ appId, buildCache, ...bytes }) => {
        const app = apps.get(appId)
        return app ? [{ app: appReference(app), ...bytes, build_cache: buildCache }] : []
      })
      return { ...{ total, free, budget, apps: measured }, used: account.isOwner ? used : null }
    },
  )

  async function visible(account: Account, app: string | undefined): Promise<App[]> {
    const { apps } = ledger.read
    if (app !== undefined) return [await findApp(ledger, account, app, 'view')]
    return account.isOwner ? apps.list() : apps.ofAccount(account.id)
  }
}
