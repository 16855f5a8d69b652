import type { Target } from './desired.ts'
import { type FormationSize, formationAfter } from './formation.ts'
import { formationTypes, type ProcessTypes } from './procfile.ts'
import { type Release, releaseCommandOf } from './release.ts'

/** What running `release` means, given its artifact's process types and the formation as it is now. */
export function targetOf(
  release: Pick<Release, 'id' | 'version' | 'kind'>,
  types: ProcessTypes,
  formation: readonly FormationSize[],
): Target {
  return {
    releaseId: release.id,
    version: release.version,
    processes: formationAfter(formation, formationTypes(types)).map(row => ({
      ...row,
      command: types[row.type] ?? '',
    })),
    releaseCommand: releaseCommandOf(release, types),
  }
}

/** Whether there is anything to wait for: a command to run or a dyno to start. Without it a release succeeds at once. */
export function needsRollout(target: Target): boolean {
  return target.releaseCommand !== null || target.processes.some(process => process.quantity > 0)
}
