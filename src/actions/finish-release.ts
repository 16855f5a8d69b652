import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { advance, redraftWaiting } from './advance.ts'
import { failRelease, succeed } from './append-release.ts'

/** `phase` says what failed: the release command, or a dyno that was to run after it. */
export type ReleaseOutcome =
  | { status: 'succeeded' }
  | { status: 'failed'; reason: string; phase?: 'command' | 'dynos' }

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
      await failRelease(tx, release, outcome)
      await redraftWaiting(tx)
    }
    await advance(tx)
    return tx.releases.byId(appId, releaseId)
  })
}
