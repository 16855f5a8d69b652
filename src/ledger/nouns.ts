import type { NewId } from '../core/id.ts'
import type { Instant } from '../core/time.ts'
import { AccountReader, AccountWriter } from './accounts.ts'
import { AttachmentReader, AttachmentWriter } from './addon-attachments.ts'
import { AddonBackupReader, AddonBackupWriter } from './addon-backups.ts'
import { AddonChangeReader, AddonChangeWriter } from './addon-changes.ts'
import { AddonGrantReader, AddonGrantWriter } from './addon-grants.ts'
import { AddonServiceReader, AddonServiceWriter } from './addon-services.ts'
import { AddonReader, AddonWriter } from './addons.ts'
import { AnswerReader, AnswerWriter } from './answers.ts'
import { AppReader, AppWriter } from './apps.ts'
import { ArtifactReader, ArtifactWriter } from './artifacts.ts'
import { BuildpackReader, BuildpackWriter } from './buildpacks.ts'
import { BuildReader, BuildWriter } from './builds.ts'
import { ClockMarkReader, ClockMarkWriter } from './clock-marks.ts'
import { CollaboratorReader, CollaboratorWriter } from './collaborators.ts'
import { ConfigReader, ConfigWriter } from './configs.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { DynoReader, DynoWriter } from './dynos.ts'
import { type EventData, type EventDraft, type EventKind, EventReader } from './events.ts'
import { FormationReader, FormationWriter } from './formations.ts'
import { ReleaseWriter } from './release-writer.ts'
import { ReleaseReader } from './releases.ts'
import { SlotReader, SlotWriter } from './slots.ts'
import { SourceReader, SourceWriter } from './sources.ts'
import { UploadReader, UploadWriter } from './uploads.ts'

/** What can be read, noun by noun. */
export interface Reader {
  accounts: AccountReader
  addons: AddonReader
  addonBackups: AddonBackupReader
  addonChanges: AddonChangeReader
  addonGrants: AddonGrantReader
  addonServices: AddonServiceReader
  attachments: AttachmentReader
  apps: AppReader
  answers: AnswerReader
  artifacts: ArtifactReader
  builds: BuildReader
  buildpacks: BuildpackReader
  clockMarks: ClockMarkReader
  collaborators: CollaboratorReader
  configs: ConfigReader
  dynos: DynoReader
  events: EventReader
  formations: FormationReader
  releases: ReleaseReader
  slots: SlotReader
  sources: SourceReader
  uploads: UploadReader
}

/** What can be changed; it exists only inside a transaction. */
export interface Writer extends Reader {
  now: Instant
  newId: NewId
  accounts: AccountWriter
  addons: AddonWriter
  addonBackups: AddonBackupWriter
  addonChanges: AddonChangeWriter
  addonGrants: AddonGrantWriter
  addonServices: AddonServiceWriter
  attachments: AttachmentWriter
  apps: AppWriter
  answers: AnswerWriter
  artifacts: ArtifactWriter
  builds: BuildWriter
  buildpacks: BuildpackWriter
  clockMarks: ClockMarkWriter
  collaborators: CollaboratorWriter
  configs: ConfigWriter
  dynos: DynoWriter
  formations: FormationWriter
  releases: ReleaseWriter
  slots: SlotWriter
  sources: SourceWriter
  uploads: UploadWriter
  /** Records what happened; listeners hear of it once the transaction is committed. */
  emit(appId: string | null, kind: EventKind, data: EventData): void
}

export function reader(context: ReadContext): Reader {
  return {
    accounts: new AccountReader(context),
    addons: new AddonReader(context),
    addonBackups: new AddonBackupReader(context),
    addonChanges: new AddonChangeReader(context),
    addonGrants: new AddonGrantReader(context),
    addonServices: new AddonServiceReader(context),
    attachments: new AttachmentReader(context),
    apps: new AppReader(context),
    answers: new AnswerReader(context),
    artifacts: new ArtifactReader(context),
    builds: new BuildReader(context),
    buildpacks: new BuildpackReader(context),
    clockMarks: new ClockMarkReader(context),
    collaborators: new CollaboratorReader(context),
    configs: new ConfigReader(context),
    dynos: new DynoReader(context),
    events: new EventReader(context),
    formations: new FormationReader(context),
    releases: new ReleaseReader(context),
    slots: new SlotReader(context),
    sources: new SourceReader(context),
    uploads: new UploadReader(context),
  }
}

export function writer(context: WriteContext, drafts: EventDraft[]): Writer {
  return {
    now: context.now,
    newId: context.newId,
    accounts: new AccountWriter(context),
    addons: new AddonWriter(context),
    addonBackups: new AddonBackupWriter(context),
    addonChanges: new AddonChangeWriter(context),
    addonGrants: new AddonGrantWriter(context),
    addonServices: new AddonServiceWriter(context),
    attachments: new AttachmentWriter(context),
    apps: new AppWriter(context),
    answers: new AnswerWriter(context),
    artifacts: new ArtifactWriter(context),
    builds: new BuildWriter(context),
    buildpacks: new BuildpackWriter(context),
    clockMarks: new ClockMarkWriter(context),
    collaborators: new CollaboratorWriter(context),
    configs: new ConfigWriter(context),
    dynos: new DynoWriter(context),
    events: new EventReader(context),
    formations: new FormationWriter(context),
    releases: new ReleaseWriter(context),
    slots: new SlotWriter(context),
    sources: new SourceWriter(context),
    uploads: new UploadWriter(context),
    emit: (appId, kind, data) => void drafts.push({ appId, kind, data }),
  }
}
