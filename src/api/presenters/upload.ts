import { isoSeconds } from '../../core/time.ts'
import type { Upload } from '../../core/upload.ts'
import { named } from './app.ts'

/** A slug that has not come in: the API shows it as one that waits for its bytes. */
export function presentUpload({ id, details, createdAt }: Upload, url: string) {
  return {
    id,
    blob: { method: 'put', url },
    buildpack_provided_description: details.buildpackDescription,
    checksum: details.checksum === null ? null : `SHA256:${details.checksum}`,
    commit: details.commit,
    commit_description: details.commitDescription,
    process_types: { ...details.processTypes },
    size: null,
    stack: named('stack', details.stack ?? 'tidemark-1'),
    created_at: isoSeconds(createdAt),
    updated_at: isoSeconds(createdAt),
    deleted_at: null,
  }
}
