import type { Release } from '../core/release.ts'
import { eligibility } from '../core/rollback.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { platformAccount } from './program-account.ts'
import { appendRollback } from './rollback.ts'

/**
 * Goes back from the release `from` to the one that was current before it, because it `why`. Both releases say so.
 * Does nothing, and returns undefined, when somebody has changed something meanwhile or is about to, when the release
 * before cannot be run any more, and never twice in a row.
 */
export async function rollBackAutomatically(
  ledger: Ledger,
  appId: string,
  { from, why }: { from: string; why: string },
): Promise<Release | undefined> {
  const by = await platformAccount(ledger)
  return ledger.transact(appId, async tx => {
    const current = await tx.releases.current(appId)
    const [newest] = await tx.releases.list(appId, { order: 'desc', limit: 1 })
    if (current?.id !== from || newest?.status === 'pending') return undefined
    if ([current, newest].some(release => release?.account.id === by.id)) return undefined
    const target = await tx.releases.lastRun(appId, current.version)
    if (!target || !eligibility(target).eligible) return undefined
    const release = await appendRollback(tx, target, { by })
    await tx.releases.explain(release.id, `v${current.version} ${why}`)
    await tx.releases.explain(current.id, `rolled back automatically by v${release.version}: it ${why}`)
    return release
  })
}
