import type { Build } from '../core/build.ts'
import { notFound } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Ends a build badly, also one that still waits: failed, cancelled, or cut short by a restart. Ending an ended build changes nothing. */
export async function failBuild(
  ledger: Ledger,
  appId: string,
  buildId: string,
  reason: string,
): Promise<Build> {
  return ledger.transact(appId, async tx => {
    if (await tx.builds.end(buildId, { status: 'failed', reason })) {
      tx.emit(appId, 'build:update', { id: buildId, status: 'failed', reason })
    }
    const build = await tx.builds.byId(appId, buildId)
    if (!build) throw notFound('build')
    return build
  })
}
