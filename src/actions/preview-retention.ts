import type { App } from '../core/app.ts'
import { notFound } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import { isForgotten, type RetentionPolicy, retention, type Verdict } from '../core/retention.ts'
import type { Ledger, Reader } from '../ledger/ledger.ts'
import { type RetentionContext, retentionScene } from './retention-scene.ts'

/** What the next sweep of an app would do. */
export interface RetentionPreview {
  /** The app's own where it has one, else the platform's. */
  policy: RetentionPolicy
  /** Of every release, newest first. */
  verdicts: readonly Verdict<Release>[]
  /** Images whose bytes would go: no app has any other use for them. */
  digests: readonly string[]
  /** Artifacts that would be destroyed. */
  artifacts: number
}

const EVERYTHING = { after: '', limit: Number.MAX_SAFE_INTEGER }

/** Says of every release of an app what becomes of it, and why; changes nothing. */
export async function previewRetention(
  ledger: Ledger,
  appId: string,
  context: RetentionContext,
): Promise<RetentionPreview> {
  return ledger.snapshot(async reader => {
    const app = await reader.apps.byId(appId)
    if (!app) throw notFound('app')
    return preview(reader, app, context)
  })
}

async function preview(reader: Reader, app: App, context: RetentionContext): Promise<RetentionPreview> {
  const scene = await retentionScene(reader, app, context)
  const releases = await reader.releases.list(app.id, { order: 'desc', limit: EVERYTHING.limit })
  const verdicts = retention(releases, scene)
  const expiring = new Set(
    verdicts.flatMap(({ isDue, release }) => (isDue ? (release.artifactId ?? []) : [])),
  )
  const alive = await reader.artifacts.alive(app.id, EVERYTHING)
  const doomed = alive.filter(({ id, newestReleaseId, createdAt }) =>
    newestReleaseId === null ? isForgotten(createdAt, scene) : expiring.has(id),
  )
  const doomedIds = new Set(doomed.map(({ id }) => id))
  const kept = new Set(alive.flatMap(({ id, digest }) => (doomedIds.has(id) ? [] : digest)))
  const digests = new Set(doomed.map(({ digest }) => digest).filter(digest => !kept.has(digest)))
  const elsewhere = await reader.artifacts.usedElsewhere(app.id, [...digests])
  return {
    policy: scene.policy,
    verdicts,
    digests: [...digests].filter(digest => !elsewhere.has(digest)),
    artifacts: doomed.length,
  }
}
