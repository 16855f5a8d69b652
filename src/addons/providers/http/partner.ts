import type { AddonManifest } from '../../../core/addon-manifest.ts'
import type { AddonService } from '../../../core/addon-service.ts'

/** Whose add-ons these are: what its manifest said. */
export interface Partner {
  manifest: AddonManifest
  service: AddonService
}
