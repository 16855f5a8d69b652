import type { Generated } from 'kysely'

/**
 * The tables, as both dialects have them. Moments are milliseconds since the epoch, booleans 0 and 1, JSON is text,
 * and sealed columns are bytes only `seal.ts` can read.
 */
export interface Schema {
  platform: PlatformTable
  accounts: AccountsTable
  tokens: TokensTable
  apps: AppsTable
  collaborators: CollaboratorsTable
  config_snapshots: ConfigSnapshotsTable
  artifacts: ArtifactsTable
  builds: BuildsTable
  releases: ReleasesTable
  formation: FormationTable
  slots: SlotsTable
  dynos: DynosTable
  buildpack_installations: BuildpackInstallationsTable
  sources: SourcesTable
  events: EventsTable
  answers: AnswersTable
  addons: AddonsTable
  addon_attachments: AddonAttachmentsTable
  addon_changes: AddonChangesTable
  addon_backups: AddonBackupsTable
  addon_services: AddonServicesTable
  addon_grants: AddonGrantsTable
  uploads: UploadsTable
}

interface PlatformTable {
  id: number
  revision: number
  /** Sealed when the ledger was made: opens only with its master key. */
  key_check: Uint8Array | null
  clock_wall: number | null
  clock_steady_since: number | null
}

export interface AccountsTable {
  id: string
  email: string
  name: string | null
  password_hash: string | null
  is_owner: number
  disabled_at: number | null
  created_at: number
  updated_at: number
}

export interface TokensTable {
  id: string
  account_id: string
  hash: string
  description: string
  expires_at: number | null
  created_at: number
  updated_at: number
}

export interface AppsTable {
  id: string
  name: string
  owner_id: string
  revision: number
  last_version: number
  maintenance: number
  stack: string
  build_stack: string
  settings: string
  retention: string | null
  released_at: number | null
  created_at: number
  updated_at: number
  archived_at: number | null
}

export interface CollaboratorsTable {
  id: string
  app_id: string
  account_id: string
  created_at: number
  updated_at: number
}

interface ConfigSnapshotsTable {
  id: string
  app_id: string
  /** Null once the app was destroyed. */
  sealed: Uint8Array | null
  created_at: number
}

export interface ArtifactsTable {
  id: string
  app_id: string
  kind: string
  digest: string
  size: number
  commit_hash: string | null
  commit_description: string | null
  process_types: string
  stack: string
  buildpack_description: string | null
  created_at: number
  deleted_at: number | null
  collected_at: number | null
}

export interface BuildsTable {
  id: string
  app_id: string
  account_id: string
  status: string
  started_at: number | null
  source: string
  version: string | null
  version_description: string | null
  buildpacks: string
  artifact_id: string | null
  release_id: string | null
  reason: string | null
  created_at: number
  updated_at: number
}

export interface ReleasesTable {
  id: string
  app_id: string
  version: number
  kind: string
  description: string
  artifact_id: string | null
  config_id: string
  addon_plan_names: string
  attachments: string
  status: string
  current: number
  reason: string | null
  /** The change itself, sealed, while the release waits for its turn; applied anew then. */
  waiting_change: Uint8Array | null
  turn_at: number | null
  succeeded_at: number | null
  account_id: string
  /** The request that asked for it: the same request never makes two. */
  request_id: string | null
  pin_reason: string | null
  pin_account_id: string | null
  pinned_at: number | null
  created_at: number
  updated_at: number
}

export interface FormationTable {
  id: string
  app_id: string
  type: string
  quantity: number
  size: string
  epoch: number
  created_at: number
  updated_at: number
}

/** What happened to one place in the formation (`web.1`), whichever dyno stands in it. */
export interface SlotsTable {
  app_id: string
  name: string
  epoch: number
  stopped: number
  release_id: string | null
  crashes: number
  crashed_at: number | null
}

export interface DynosTable {
  id: string
  app_id: string
  release_id: string
  kind: string
  type: string
  number: number
  name: string
  command: string
  size: string
  /** Extra environment of a one-off, sealed. */
  environment: Uint8Array | null
  state: string
  exit_status: number | null
  stop_asked: number
  created_at: number
  updated_at: number
}

interface BuildpackInstallationsTable {
  app_id: string
  ordinal: number
  url: string
  name: string
}

export interface SourcesTable {
  id: string
  account_id: string
  app_id: string | null
  received_at: number | null
  created_at: number
}

interface EventsTable {
  seq: Generated<number>
  app_id: string | null
  kind: string
  data: string
  at: number
}

interface AnswersTable {
  account_id: string
  request_id: string
  fingerprint: string
  status: number
  headers: string
  /** Sealed. */
  body: Uint8Array
  created_at: number
}

export interface AddonsTable {
  id: string
  name: string
  app_id: string
  account_id: string
  service: string
  plan: string
  wanted_plan: string | null
  wanted_by: string | null
  prefix: string
  provider_id: string | null
  state: string
  attachment_id: string
  attachment_name: string
  options: string
  backup_id: string | null
  /** What its provider gives it, sealed; null before it did, and once it is gone. */
  config: Uint8Array | null
  message: string | null
  reason: string | null
  attempts: number
  next_attempt_at: number | null
  rotation: string
  generation: number
  created_at: number
  updated_at: number
}

/** Every attachment there ever was; which of them are there, releases say. */
interface AddonAttachmentsTable {
  id: string
  app_id: string
  addon_id: string
  name: string
  created_at: number
}

interface AddonChangesTable {
  id: string
  addon_id: string
  app_id: string
  kind: string
  account_id: string
  created_at: number
}

export interface AddonBackupsTable {
  id: string
  addon_id: string
  place: string
  size: number
  created_at: number
  expires_at: number
  deleted_at: number | null
}

export interface AddonServicesTable {
  id: string
  name: string
  /** With its passwords, so sealed. */
  manifest: Uint8Array
  client_secret_hash: string
  created_at: number
  updated_at: number
}

interface AddonGrantsTable {
  hash: string
  addon_id: string
  kind: string
  expires_at: number
  created_at: number
}

export interface UploadsTable {
  id: string
  app_id: string
  account_id: string
  kind: string
  details: string
  created_at: number
}
