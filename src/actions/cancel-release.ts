import type { Actor } from '../core/account.ts'
import { conflict, notFound } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { advance, redraftWaiting } from './advance.ts'
import { failRelease } from './append-release.ts'

/**
 * Ends a pending release, whether it rolls out or waits: it has failed, its command is stopped, and the next one has
 * its turn. Cancelling one that failed already changes nothing. Throws `conflict` for one that succeeded.
 */
export async function cancelRelease(
  ledger: Ledger,
  by: Actor,
  appId: string,
  releaseId: string,
): Promise<Release> {
  return ledger.transact(appId, async tx => {
    const release = await tx.releases.byId(appId, releaseId)
    if (!release) throw notFound('release')
    if (release.status === 'failed') return release
    if (release.status !== 'pending') {
      throw conflict(
        `Release v${release.version} has succeeded, so there is nothing to cancel. To undo it, roll back to the release before it.`,
      )
    }
    await failRelease(tx, release, { reason: `cancelled by ${by.email}` })
    await redraftWaiting(tx)
    await advance(tx)
    return (await tx.releases.byId(appId, releaseId)) ?? release
  })
}
