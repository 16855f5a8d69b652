import type { ProcessTypes } from './procfile.ts'
import type { Instant } from './time.ts'

/**
 * What a build makes and a release runs: an OCI image in the artifact store.
 * The API shows it as a slug, as clients of the classic generation expect.
 */
export interface Artifact {
  id: string
  appId: string
  kind: 'slug' | 'oci-image'
  /** Digest of the image manifest, `sha256:…`. */
  digest: string
  /** Bytes of all its layers, as stored. */
  size: number
  /** Full commit hash or the version the uploader gave; null when neither is known. */
  commit: string | null
  commitDescription: string | null
  processTypes: ProcessTypes
  stack: string
  /** Human names of the buildpacks that made it. */
  buildpackDescription: string | null
  createdAt: Instant
  /** Set once its bytes are, or are about to be, destroyed. */
  deletedAt: Instant | null
}
