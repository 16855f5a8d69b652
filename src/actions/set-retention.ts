import type { Actor } from '../core/account.ts'
import type { App } from '../core/app.ts'
import { invalid } from '../core/errors.ts'
import { type RetentionPolicy, retentionFault } from '../core/retention.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** What is left out stays; null takes the platform's again. */
export type RetentionChange = { [name in keyof RetentionPolicy]?: RetentionPolicy[name] | null }

/** Changes how long the artifacts of an app's releases are kept. The next sweep goes by it. */
export async function setRetention(
  ledger: Ledger,
  by: Actor,
  appId: string,
  change: RetentionChange,
): Promise<App> {
  return ledger.transact(appId, async tx => {
    const retention = Object.fromEntries(
      Object.entries({ ...tx.app.retention, ...change }).filter(([, value]) => value != null),
    ) as Partial<RetentionPolicy>
    const fault = retentionFault(retention)
    if (fault) throw invalid(fault)
    await tx.apps.update(appId, { retention })
    tx.emit(appId, 'app:update', { id: appId, name: tx.app.name, user: by.email })
    return { ...tx.app, retention }
  })
}
