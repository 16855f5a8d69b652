import type { Actor } from '../core/account.ts'
import { invalid, notFound } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { appendRelease } from './append-release.ts'
import { whyDestroyed } from './destroyed-artifact.ts'

/** `Retry of v40: Deploy 409cdef`: how the official CLI words the description of a retry. */
const RETRY = /^Retry of v(\d+): (.*)$/s

/** Releases an artifact the app has already, or retries a release. Throws when the artifact is unknown or destroyed. */
export async function releaseArtifact(
  ledger: Ledger,
  by: Actor,
  appId: string,
  request: { artifactId: string | null; description: string | null; requestId?: string },
): Promise<Release> {
  return ledger.transact(appId, async tx => {
    const artifactId = request.artifactId ?? (await tx.releases.head(appId))?.artifactId ?? null
    const artifact = artifactId === null ? undefined : await tx.artifacts.byId(artifactId)
    if (!artifact || artifact.appId !== appId) throw notFound('slug')
    if (artifact.deletedAt !== null)
      throw invalid(`${await whyDestroyed(tx, artifact)} Build and deploy the code again.`)
    const retry = RETRY.exec(request.description ?? '')
    const change = retry
      ? {
          kind: 'retry' as const,
          version: Number(retry[1]),
          description: retry[2] ?? '',
          artifactId: artifact.id,
        }
      : { kind: 'artifact' as const, artifactId: artifact.id, description: request.description ?? 'deploy' }
    return appendRelease(tx, change, by, { requestId: request.requestId })
  })
}
