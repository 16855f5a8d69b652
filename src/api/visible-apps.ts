import type { Account } from '../core/account.ts'
import type { App } from '../core/app.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** The apps somebody may see: their own, those they work on, and all of them for the owner of the platform. */
export function visibleApps({ read }: Pick<Ledger, 'read'>, account: Account): Promise<App[]> {
  return account.isOwner ? read.apps.list() : read.apps.ofAccount(account.id)
}
