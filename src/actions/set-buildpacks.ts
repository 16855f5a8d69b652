import type { Actor } from '../core/account.ts'
import type { BuildpackRef } from '../core/build.ts'
import { invalid } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'

const MAX_BUILDPACKS = 20

/** Replaces the app's list of buildpacks; the next build uses it. No release. */
export async function setBuildpacks(
  ledger: Ledger,
  by: Actor,
  appId: string,
  buildpacks: readonly BuildpackRef[],
): Promise<BuildpackRef[]> {
  if (buildpacks.length > MAX_BUILDPACKS)
    throw invalid(`An app can have ${MAX_BUILDPACKS} buildpacks at most.`)
  return ledger.transact(appId, async tx => {
    await tx.buildpacks.replace(appId, buildpacks)
    tx.emit(appId, 'app:update', { id: appId, name: tx.app.name, user: by.email })
    return tx.buildpacks.list(appId)
  })
}
