import type { ApiContext } from './context.ts'
import type { Api } from './instance.ts'
import type { RateLimit } from './rate-limit.ts'
import { absentRoutes } from './resources/absent.ts'
import { accountRoutes } from './resources/account.ts'
import { accountsRoutes } from './resources/accounts.ts'
import { addonAttachmentRoutes } from './resources/addon-attachments.ts'
import { addonBackupRoutes } from './resources/addon-backups.ts'
import { addonChangeRoutes } from './resources/addon-changes.ts'
import { addonOrphanRoutes } from './resources/addon-orphans.ts'
import { addonPageRoutes } from './resources/addon-pages.ts'
import { addonPartnerRoutes } from './resources/addon-partners.ts'
import { addonServiceRoutes } from './resources/addon-services.ts'
import { addonRoutes } from './resources/addons.ts'
import { appRoutes } from './resources/apps.ts'
import { archivedAppRoutes } from './resources/archived-apps.ts'
import { authorizationRoutes } from './resources/authorizations.ts'
import { buildpackRegistryRoutes } from './resources/buildpack-registry.ts'
import { buildpackRoutes } from './resources/buildpacks.ts'
import { buildRoutes } from './resources/builds.ts'
import { collaboratorRoutes } from './resources/collaborators.ts'
import { configVarRoutes } from './resources/config-vars.ts'
import { diskRoutes } from './resources/disk.ts'
import { doctorRoutes } from './resources/doctor.ts'
import { domainRoutes } from './resources/domains.ts'
import { dynoRoutes } from './resources/dynos.ts'
import { formationRoutes } from './resources/formation.ts'
import { logSessionRoutes } from './resources/log-sessions.ts'
import { pinRoutes } from './resources/pins.ts'
import { platformRoutes } from './resources/platform.ts'
import { releaseRoutes } from './resources/releases.ts'
import { retentionRoutes } from './resources/retention.ts'
import { rollbackReportRoutes } from './resources/rollback-reports.ts'
import { slugRoutes } from './resources/slugs.ts'
import { sourceRoutes } from './resources/sources.ts'
import { streamRoutes } from './resources/streams.ts'
import { uploadRoutes } from './resources/uploads.ts'
import { verificationRoutes } from './resources/verifications.ts'

/** Everything the API answers. */
export function addRoutes(api: Api, context: ApiContext, requests: RateLimit): void {
  platformRoutes(api, context)
  accountRoutes(api, context, requests)
  appRoutes(api, context)
  configVarRoutes(api, context)
  releaseRoutes(api, context)
  rollbackReportRoutes(api, context)
  formationRoutes(api, context)
  dynoRoutes(api, context)
  addonServiceRoutes(api, context)
  addonRoutes(api, context)
  addonChangeRoutes(api, context)
  addonAttachmentRoutes(api, context)
  addonBackupRoutes(api, context)
  addonOrphanRoutes(api, context)
  addonPageRoutes(api, context)
  addonPartnerRoutes(api, context)
  absentRoutes(api, context)
  accountsRoutes(api, context)
  archivedAppRoutes(api, context)
  authorizationRoutes(api, context)
  buildpackRoutes(api, context)
  buildpackRegistryRoutes(api)
  buildRoutes(api, context)
  collaboratorRoutes(api, context)
  diskRoutes(api, context)
  doctorRoutes(api, context)
  domainRoutes(api, context)
  logSessionRoutes(api, context)
  pinRoutes(api, context)
  retentionRoutes(api, context)
  slugRoutes(api, context)
  sourceRoutes(api, context)
  streamRoutes(api, context)
  uploadRoutes(api, context)
  verificationRoutes(api, context)
}
