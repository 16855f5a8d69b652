import { reportRollback } from '../actions/report-rollback.ts'
import type { Release } from '../core/release.ts'
import type { RollbackReport } from '../core/rollback-report.ts'
import type { ApiContext } from './context.ts'

/** What going back to `release` would change now. */
export function reportOn(
  { ledger, commitsAfter }: ApiContext,
  release: Release,
  keepsAddonConfig: boolean,
): Promise<RollbackReport> {
  return reportRollback(ledger, release, {
    keepsAddonConfig,
    commitsAfter: commit => commitsAfter(release.appId, commit),
  })
}
