import type { Artifact } from '../core/artifact.ts'
import type { BuildpackRef } from '../core/build.ts'
import { conflict } from '../core/errors.ts'
import type { ProcessTypes } from '../core/procfile.ts'
import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { appendRelease } from './append-release.ts'

export interface BuiltImage {
  digest: string
  size: number
  processTypes: ProcessTypes
  /** A slug unless said. */
  kind?: Artifact['kind']
  /** What it was built for: the app may have been set to another one since. */
  stack: string
  buildpacks: readonly BuildpackRef[]
  buildpackDescription: string
}

/**
 * Ends a build well: records its artifact, pins the buildpacks that were detected, and appends the release on the head
 * of this instant. Throws `conflict` when the build was cancelled meanwhile.
 */
export async function finishBuild(
  ledger: Ledger,
  appId: string,
  buildId: string,
  image: BuiltImage,
): Promise<Release> {
  return ledger.transact(appId, async tx => {
    const build = await tx.builds.byId(appId, buildId)
    if (build?.status !== 'pending') throw conflict(build?.reason ?? 'The build had ended already.')
    const by = await tx.accounts.byId(build.accountId)
    if (!by) throw new Error(`Account ${build.accountId} of build ${buildId} is gone.`)
    const artifact = await tx.artifacts.insert({
      appId,
      kind: image.kind ?? 'slug',
      digest: image.digest,
      size: image.size,
      commit: build.version,
      commitDescription: build.versionDescription,
      processTypes: image.processTypes,
      stack: image.stack,
      buildpackDescription: image.buildpackDescription,
    })
    if ((await tx.buildpacks.list(appId)).length === 0) await tx.buildpacks.replace(appId, image.buildpacks)
    const release = await appendRelease(
      tx,
      { kind: 'deploy', artifactId: artifact.id, label: build.version },
      by,
    )
    await tx.builds.end(buildId, {
      status: 'succeeded',
      artifactId: artifact.id,
      releaseId: release.id,
      buildpacks: image.buildpacks,
    })
    tx.emit(appId, 'build:update', { id: buildId, status: 'succeeded', user: by.email })
    return release
  })
}
