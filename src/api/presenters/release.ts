import type { Static } from '@sinclair/typebox'
import type { App } from '../../core/app.ts'
import { addonPlanNames } from '../../core/attachment.ts'
import type { Release } from '../../core/release.ts'
import { eligibility } from '../../core/rollback.ts'
import { isoSeconds } from '../../core/time.ts'
import type { ReleaseShape } from '../schema/release.ts'
import { appReference } from './app.ts'

export interface ReleaseSurroundings {
  outputUrl: string | null
  isExtended: boolean
  isOnStandby: boolean
}

export function presentRelease(
  app: App,
  release: Release,
  { outputUrl, isExtended, isOnStandby }: ReleaseSurroundings,
): Static<typeof ReleaseShape> {
  const { artifactId, artifactKind: type } = release
  const artifact = artifactId === null || type === null ? null : { id: artifactId }
  return {
    id: release.id,
    version: release.version,
    description: release.description,
    status: release.status,
    current: release.current,
    standby: isOnStandby,
    eligible_for_rollback: eligibility(release).eligible,
    reason: release.reason,
    pinned: release.pin !== null,
    pin: release.pin && {
      reason: release.pin.reason,
      user: release.pin.account,
      created_at: isoSeconds(release.pin.createdAt),
    },
    addon_plan_names: addonPlanNames(release.attachments),
    app: appReference(app),
    artifacts: artifact && type ? [{ type, ...artifact }] : [],
    slug: type === 'slug' ? artifact : null,
    oci_image: type === 'oci-image' ? artifact : null,
    output_stream_url: outputUrl,
    user: release.account,
    created_at: isoSeconds(release.createdAt),
    updated_at: isoSeconds(release.updatedAt),
    ...(isExtended && { extended: { slug_id: release.artifactId, slug_uuid: release.artifactId } }),
  }
}
