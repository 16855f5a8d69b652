import { type Account, type Permission, permits } from '../core/account.ts'
import type { App } from '../core/app.ts'
import { notFound, UserError } from '../core/errors.ts'
import { isUuid } from '../core/id.ts'
import type { Ledger } from '../ledger/ledger.ts'

/**
 * The app of that name or id, if `account` may do that with it. Whoever may not even see it gets the same `not_found`
 * as if it were not there; whoever may see it but not do that gets `forbidden`.
 */
export async function findApp(
  ledger: Ledger,
  account: Account,
  nameOrId: string,
  permission: Permission,
): Promise<App> {
  const app = isUuid(nameOrId)
    ? await ledger.read.apps.byId(nameOrId)
    : await ledger.read.apps.byName(nameOrId)
  if (!app) throw notFound('app')
  if (account.isOwner || app.ownerId === account.id) return app
  if (!(await ledger.read.collaborators.includes(app.id, account.id))) throw notFound('app')
  if (permits('collaborator', permission)) return app
  throw new UserError('forbidden', `You are a collaborator of ${app.name}: only its owner can do this.`, {
    app: app.name,
  })
}
