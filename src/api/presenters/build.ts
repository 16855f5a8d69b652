import type { Static } from '@sinclair/typebox'
import type { Account } from '../../core/account.ts'
import type { App } from '../../core/app.ts'
import type { Artifact } from '../../core/artifact.ts'
import type { Build } from '../../core/build.ts'
import { isoSeconds } from '../../core/time.ts'
import type { BuildShape, OciImageShape, SlugShape } from '../schema/build.ts'
import { named } from './app.ts'

export function presentBuild(
  app: App,
  build: Build,
  { user, outputUrl }: { user: Pick<Account, 'id' | 'email'>; outputUrl: string },
): Static<typeof BuildShape> {
  const { source } = build
  return {
    id: build.id,
    app: { id: app.id },
    buildpacks: build.buildpacks.map(({ url, name }) => ({ url, name })),
    output_stream_url: outputUrl,
    reason: build.reason,
    release: build.releaseId === null ? null : { id: build.releaseId },
    slug: build.artifactId === null ? null : { id: build.artifactId },
    source_blob: {
      // An uploaded source is reached by a capability, which is not shown again.
      url: source.kind === 'url' ? withoutQuery(source.url) : null,
      version: build.version,
      version_description: build.versionDescription,
      checksum: source.kind === 'url' ? (source.checksum ?? null) : null,
    },
    stack: app.buildStack,
    status: build.status,
    user: { id: user.id, email: user.email },
    created_at: isoSeconds(build.createdAt),
    updated_at: isoSeconds(build.updatedAt),
  }
}

export function presentSlug(artifact: Artifact): Static<typeof SlugShape> {
  return {
    id: artifact.id,
    blob: { method: 'get', url: null },
    buildpack_provided_description: artifact.buildpackDescription,
    checksum: artifact.digest.replace(/^sha256:/, 'SHA256:'),
    process_types: { ...artifact.processTypes },
    size: artifact.size,
    ...provenance(artifact),
  }
}

/** `url` is where its archive is. */
export function presentOciImage(artifact: Artifact, url: string): Static<typeof OciImageShape> {
  const types = Object.entries(artifact.processTypes).map(([name, command]) => {
    return [
      name,
      { name, display_cmd: command, command, working_dir: '/app', default: name === 'web' },
    ] as const
  })
  return {
    id: artifact.id,
    blob: { method: 'get', url },
    digest: artifact.digest,
    size: artifact.size,
    process_types: Object.fromEntries(types),
    ...provenance(artifact),
  }
}

function provenance(artifact: Artifact) {
  return {
    commit: artifact.commit,
    commit_description: artifact.commitDescription,
    stack: named('stack', artifact.stack),
    created_at: isoSeconds(artifact.createdAt),
    updated_at: isoSeconds(artifact.deletedAt ?? artifact.createdAt),
    deleted_at: artifact.deletedAt === null ? null : isoSeconds(artifact.deletedAt),
  }
}

/** Query strings and user parts of URLs are where people put passwords. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
