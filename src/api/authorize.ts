import type { FastifyRequest } from 'fastify'
import { findApp } from '../actions/find-app.ts'
import type { Account, Permission } from '../core/account.ts'
import type { App } from '../core/app.ts'
import { UserError } from '../core/errors.ts'
import type { ApiContext } from './context.ts'

type AppRequest = Pick<FastifyRequest, 'account'> & { params: { app: string } }

/**
 * The app a request names, if its account may do what it asks. Throws `not_found`, the same for an app that is not
 * there and one the account may not see, and `forbidden` for one it may see but not change so.
 */
export function appFor(
  context: Pick<ApiContext, 'ledger'>,
  request: AppRequest,
  permission: Permission,
): Promise<App> {
  return findApp(context.ledger, request.account, request.params.app, permission)
}

/** Throws `forbidden` unless the account owns the platform. */
export function requirePlatformOwner(account: Account): void {
  if (!account.isOwner) throw new UserError('forbidden', 'Only the owner of the platform may do this.')
}
