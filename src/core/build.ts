import type { Instant } from './time.ts'

export type BuildStatus = 'pending' | 'succeeded' | 'failed'

export interface Build {
  id: string
  appId: string
  accountId: string
  status: BuildStatus
  /** Set when its turn came: builds of one app run one at a time. */
  startedAt: Instant | null
  source: BuildSource
  /** Commit hash or version label, for the description and for SOURCE_VERSION. */
  version: string | null
  versionDescription: string | null
  buildpacks: readonly BuildpackRef[]
  artifactId: string | null
  releaseId: string | null
  /** Why it failed, in a sentence. */
  reason: string | null
  createdAt: Instant
  updatedAt: Instant
}

/** Where the source comes from. `git` is a commit of the app's own repository; `source` an uploaded tarball. */
export type BuildSource =
  | { kind: 'git'; commit: string }
  | { kind: 'source'; sourceId: string }
  | { kind: 'url'; url: string; checksum?: string }

/** A buildpack: `url` is a git URL (with `#ref`), an absolute local path, or a built-in's name (`tidemark/nodejs`). */
export interface BuildpackRef {
  url: string
  name: string
}
