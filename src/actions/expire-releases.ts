import type { Release } from '../core/release.ts'
import { isForgotten, type RetentionScene, retention, type Verdict } from '../core/retention.ts'
import type { UsedArtifact } from '../ledger/artifacts.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { type RetentionContext, retentionScene } from './retention-scene.ts'

/** What one step of a sweep did. */
export interface Expired {
  /** Ids of those that are expired now, and were not. */
  releases: readonly string[]
  artifacts: number
  /** Where the next step begins; null after the last. */
  next: string | null
}

/** So many artifacts are looked at in one transaction: others want the app's lock, too. */
const PAGE = 500

/**
 * Marks what the app's retention policy no longer keeps: artifacts as destroyed, the releases that use them as expired,
 * together. Looks at one part of the app's artifacts, from `after` on. The bytes go afterwards.
 */
export async function expireReleases(
  ledger: Ledger,
  appId: string,
  { after, ...context }: RetentionContext & { after: string },
): Promise<Expired> {
  return ledger.transact(appId, async tx => {
    const scene = await retentionScene(tx, tx.app, context)
    const artifacts = await tx.artifacts.alive(appId, { after, limit: PAGE })
    const due = await dueReleases(tx, artifacts, scene)
    const forgotten = artifacts.filter(
      artifact => artifact.newestReleaseId === null && isForgotten(artifact.createdAt, scene),
    )
    const doomed = new Set([
      ...due.map(({ release }) => release.artifactId ?? ''),
      ...forgotten.map(({ id }) => id),
    ])
    await tx.artifacts.markDeleted([...doomed])
    await expire(tx, due)
    const next = artifacts.length < PAGE ? null : (artifacts.at(-1)?.id ?? null)
    return { releases: due.map(({ release }) => release.id), artifacts: doomed.size, next }
  })
}

/** Most artifacts are kept by the newest release that uses them, so that the others need not be read. */
async function dueReleases(
  tx: AppTransaction,
  artifacts: readonly UsedArtifact[],
  scene: RetentionScene,
): Promise<Verdict<Release>[]> {
  const newest = await tx.releases.byIds(
    tx.app.id,
    artifacts.flatMap(({ newestReleaseId }) => newestReleaseId ?? []),
  )
  const doubtful = retention(newest, scene).flatMap(({ isDue, release }) =>
    isDue ? (release.artifactId ?? []) : [],
  )
  const releases = await tx.releases.ofArtifacts(tx.app.id, doubtful)
  return retention(releases, scene).filter(({ isDue }) => isDue)
}

/** So many rows are named in one statement. */
const ROWS = 1000

async function expire(tx: AppTransaction, due: readonly Verdict<Release>[]): Promise<void> {
  for (const [reason, group] of Map.groupBy(due, reasonOf)) {
    for (let from = 0; from < group.length; from += ROWS) {
      const ids = group.slice(from, from + ROWS).map(({ release }) => release.id)
      await tx.releases.expire(ids, reason)
    }
  }
  if (due.length === 0) return
  const versions = due.map(({ release }) => release.version)
  // A sweep may expire thousands: it is told of once.
  const told = {
    count: due.length,
    first: versions.reduce((a, b) => Math.min(a, b)),
    last: versions.reduce((a, b) => Math.max(a, b)),
  }
  tx.emit(tx.app.id, 'release:expire', told)
}

/** What was said of the release before stays readable. */
function reasonOf({ release, why }: Verdict<Release>): string {
  if (release.reason === null) return why
  return `${why}; ${release.status === 'failed' ? 'it had failed' : 'it was'}: ${release.reason}`
}
