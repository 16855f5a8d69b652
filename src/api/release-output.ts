import type { FastifyRequest } from 'fastify'
import type { App } from '../core/app.ts'
import { type Release, releaseCommandOf } from '../core/release.ts'
import { releaseDynoId } from '../core/release-command.ts'
import type { ApiContext } from './context.ts'
import { streamUrl } from './stream-url.ts'

/**
 * By release id, where the output of its release command can be read; nothing for a release without one, and for one
 * that ended before its command began.
 */
export async function outputUrls(
  context: ApiContext,
  { app, releases, request }: { app: App; releases: readonly Release[]; request: FastifyRequest },
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(releases.flatMap(release => release.artifactId ?? []))]
  const artifacts = await context.ledger.read.artifacts.byIds(ids)
  const types = new Map(artifacts.map(({ id, processTypes }) => [id, processTypes]))
  const urls = new Map<string, string>()
  for (const { id, kind, artifactId, status } of releases) {
    if (releaseCommandOf({ kind }, types.get(artifactId ?? '') ?? {}) === null) continue
    if (status !== 'pending' && !(await context.transcripts.exists(releaseDynoId(id)))) continue
    urls.set(id, streamUrl(context, request, `/streams/apps/${app.id}/releases/${id}`))
  }
  return urls
}
