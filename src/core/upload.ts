import type { Artifact } from './artifact.ts'
import type { ProcessTypes } from './procfile.ts'
import type { Instant } from './time.ts'

/** A slug or an image that is to come in from outside. It becomes the artifact of the same id. */
export interface Upload {
  id: string
  appId: string
  accountId: string
  kind: Artifact['kind']
  details: UploadDetails
  createdAt: Instant
}

/** What its sender says of it. */
export interface UploadDetails {
  /** Null for those that the image itself names. */
  processTypes: ProcessTypes | null
  /** Null for the one that the image itself names. */
  stack: string | null
  commit: string | null
  commitDescription: string | null
  buildpackDescription: string | null
  /** SHA-256 of the archive that is sent, in hexadecimal digits. */
  checksum: string | null
}
