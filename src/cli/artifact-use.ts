import type { Release } from '../client/shapes.ts'

/** The code of one or more releases. */
export interface ArtifactUse {
  id: string
  /** The newest first. */
  versions: readonly number[]
}

/** Whose code is whose: the artifacts of releases that still have one, in the order of the releases. */
export function artifactUses(releases: readonly Release[]): ArtifactUse[] {
  const there = releases.filter(({ status }) => status !== 'expired')
  const used = there.flatMap(({ version, artifacts: [artifact] }) =>
    artifact === undefined ? [] : [{ id: artifact.id, version }],
  )
  return [...Map.groupBy(used, ({ id }) => id)].map(([id, uses]) => ({
    id,
    versions: uses.map(({ version }) => version).toSorted((a, b) => b - a),
  }))
}

/** `v9, v7-v4`: an artifact may be used by thousands. */
export function spokenVersions(versions: readonly number[]): string {
  const runs: [newest: number, oldest: number][] = []
  for (const version of versions) {
    const last = runs.at(-1)
    if (last && last[1] === version + 1) last[1] = version
    else runs.push([version, version])
  }
  return runs
    .map(([newest, oldest]) => (newest === oldest ? `v${newest}` : `v${newest}-v${oldest}`))
    .join(', ')
}
