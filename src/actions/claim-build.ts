import type { Build } from '../core/build.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Gives a pending build its turn, if no other build of its app runs and none is before it. Undefined while it has to wait or once it ended. */
export async function claimBuild(ledger: Ledger, appId: string, buildId: string): Promise<Build | undefined> {
  return ledger.transact(appId, async tx => {
    const [first] = await tx.builds.queue(appId)
    if (first?.id !== buildId || first.startedAt !== null) return undefined
    await tx.builds.start(buildId)
    return tx.builds.byId(appId, buildId)
  })
}
