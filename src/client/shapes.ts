import type { Static } from '@sinclair/typebox'
import type { AccountShape, AuthorizationShape, MadeAccount } from '../api/schema/account.ts'
import type {
  AddonServiceShape,
  AddonShape,
  AttachmentShape,
  BackupShape,
  PlanShape,
} from '../api/schema/addon.ts'
import type { AppShape, StackShape } from '../api/schema/app.ts'
import type {
  BuildShape,
  BuildpackInstallation as Installation,
  OciImageShape,
  SourceShape,
} from '../api/schema/build.ts'
import type { CollaboratorShape } from '../api/schema/collaborator.ts'
import type { DiskShape } from '../api/schema/disk.ts'
import type { CheckShape } from '../api/schema/doctor.ts'
import type { DynoShape, FormationShape } from '../api/schema/formation.ts'
import type { LogSessionShape } from '../api/schema/log-session.ts'
import type { ReleaseShape } from '../api/schema/release.ts'
import type { RetentionPolicyShape, SweepShape } from '../api/schema/retention.ts'
import type { RollbackReportShape } from '../api/schema/rollback-report.ts'
import type { VerificationShape } from '../api/schema/verification.ts'

/** What the Platform API answers, in the very shapes that it checks its answers against. */

export type Account = Static<typeof AccountShape>

/** A new account; one without a password comes with a token, shown this once. */
export type NewAccount = Static<typeof MadeAccount>

/** A token; its value is whole only in the answer that made it. */
export type Authorization = Static<typeof AuthorizationShape>
export type Addon = Static<typeof AddonShape>
export type AddonService = Static<typeof AddonServiceShape>
export type Attachment = Static<typeof AttachmentShape>
export type Backup = Static<typeof BackupShape>
export type Plan = Static<typeof PlanShape>
export type RollbackReport = Static<typeof RollbackReportShape>
export type App = Static<typeof AppShape>
export type Build = Static<typeof BuildShape>
export type BuildpackInstallation = Static<typeof Installation>
export type Check = Static<typeof CheckShape>
export type Collaborator = Static<typeof CollaboratorShape>
export type ConfigVars = Record<string, string>
export type Disk = Static<typeof DiskShape>
export type Dyno = Static<typeof DynoShape>
export type Formation = Static<typeof FormationShape>
export type Stack = Static<typeof StackShape>
export type LogSession = Static<typeof LogSessionShape>
export type OciImage = Static<typeof OciImageShape>
export type Release = Static<typeof ReleaseShape>
export type RetentionPolicy = Static<typeof RetentionPolicyShape>
export type Source = Static<typeof SourceShape>
export type Sweep = Static<typeof SweepShape>
export type Verification = Static<typeof VerificationShape>
