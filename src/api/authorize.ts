import type { FastifyRequest } from 'fastify'
import { type Account, type Permission, permits, type Role } from '../core/account.ts'
import type { App } from '../core/app.ts'
import { notFound, UserError } from '../core/errors.ts'
import { isUuid } from '../core/id.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ApiContext } from './context.ts'

type AppRequest = Pick<FastifyRequest, 'account'> & { params: { app: string } }

/**
 * The app a request names, if its account may do what it asks. Throws `not_found`, the same for an app that is not
 * there and one the account may not see, and `forbidden` for one it may see but not change so.
 */
export async function appFor(
  context: Pick<ApiContext, 'ledger'>,
  request: AppRequest,
  permission: Permission,
): Promise<App> {
  const { app: identity } = request.params
  const { apps } = context.ledger.read
  const app = isUuid(identity) ? await apps.byId(identity) : await apps.byName(identity)
  const role = app && (await roleIn(context.ledger, request.account, app))
  if (!app || !role) throw notFound('app')
  if (!permits(role, permission))
    throw new UserError('forbidden', refusal(app, permission), { app: app.name })
  return app
}

/** What an account is to an app; the owner of the platform is as good as the app's own. Undefined for a stranger. */
export async function roleIn(ledger: Ledger, account: Account, app: App): Promise<Role | undefined> {
  if (account.id === app.ownerId || account.isOwner) return 'owner'
  return (await ledger.read.collaborators.includes(app.id, account.id)) ? 'collaborator' : undefined
}

/** Throws `forbidden` unless the account owns the platform. */
export function requirePlatformOwner(account: Account): void {
  if (!account.isOwner) throw new UserError('forbidden', 'Only the owner of the platform may do this.')
}

const DEEDS: Readonly<Record<Permission, string>> = {
  view: 'see it',
  deploy: 'deploy it',
  operate: 'operate it',
  share: 'rename it or change who has access',
  destroy: 'destroy it',
}

function refusal(app: App, permission: Permission): string {
  return `You are a collaborator of ${app.name}: only its owner may ${DEEDS[permission]}.`
}
