import { derivedId } from '../core/id.ts'
import type { SeenDyno } from '../core/seen-dyno.ts'
import type { AppView, RunnableRelease } from './desired.ts'
import type { ObservedDyno } from './driver.ts'

/** What a dyno of a release runs. Config snapshots never change, so their id stands for the vars and tells nothing. */
export function fingerprintOf(
  { artifact, release }: Pick<RunnableRelease, 'artifact' | 'release'>,
  command: string,
): string {
  return derivedId(artifact.digest, release.configId, command)
}

/** The dynos as the policy sees them: which of them run something else than the ledger says. */
export function judged(observed: readonly ObservedDyno[], view: AppView | undefined): SeenDyno[] {
  return observed.map(dyno => ({ ...dyno, hasDrifted: view !== undefined && hasDrifted(dyno, view) }))
}

function hasDrifted({ releaseId, kind, type, fingerprint }: ObservedDyno, view: AppView): boolean {
  const run = view.releases.get(releaseId)
  const command = run?.artifact.processTypes[type]
  if (kind !== 'formation' || !run || command === undefined || fingerprint == null) return false
  return fingerprint !== fingerprintOf(run, command)
}
