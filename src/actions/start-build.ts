import type { Actor } from '../core/account.ts'
import type { Build, BuildpackRef, BuildSource } from '../core/build.ts'
import type { Ledger } from '../ledger/ledger.ts'

export interface BuildDraft {
  source: BuildSource
  version: string | null
  versionDescription: string | null
  /** Overrides the app's own list for this build; empty to use that. */
  buildpacks: readonly BuildpackRef[]
}

/** Queues a build. Builds of one app run one at a time, in the order they were asked for. */
export async function startBuild(
  ledger: Ledger,
  by: Actor,
  appId: string,
  draft: BuildDraft,
): Promise<Build> {
  return ledger.transact(appId, async tx => {
    const buildpacks = draft.buildpacks.length > 0 ? draft.buildpacks : await tx.buildpacks.list(appId)
    const build = await tx.builds.insert({ ...draft, buildpacks, appId, accountId: by.id })
    tx.emit(appId, 'build:create', { id: build.id, user: by.email })
    return build
  })
}
