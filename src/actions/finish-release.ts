import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { advance, redraftWaiting } from './advance.ts'
import { failRelease, succeed } from './append-release.ts'

export type ReleaseOutcome = { status: 'succeeded' } | { status: 'failed'; reason: string }

/**
 * Ends the release that is rolling out, and gives the next one its turn. Reporting the end of a release that has
 * ended already, or whose turn was taken by a rollback, changes nothing.
 */
export async function finishRelease(
  ledger: Ledger,
  appId: string,
  releaseId: string,
  outcome: ReleaseOutcome,
): Promise<Release | undefined> {
  return ledger.transact(appId, async tx => {
    const release = await tx.releases.byId(appId, releaseId)
    if (release?.status !== 'pending' || release.turnAt === null) return release
    if (outcome.status === 'succeeded') {
      await succeed(tx, release)
    } else {
      await failRelease(tx, release, outcome.reason)
      await redraftWaiting(tx)
    }
    await advance(tx)
    return tx.releases.byId(appId, releaseId)
  })
}
