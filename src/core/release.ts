import { type ConfigPatch, type ConfigVars, describePatch, effective, merge } from './config-vars.ts'
import type { Instant } from './time.ts'

export type ReleaseStatus = 'pending' | 'succeeded' | 'failed' | 'expired'

/** One line of an app's ledger. Immutable once its turn has come, but for its status. */
export interface Release {
  id: string
  appId: string
  version: number
  kind: Change['kind']
  description: string
  status: ReleaseStatus
  /** The one the formation runs. */
  current: boolean
  /** Why it failed or expired, or was rolled back by itself, or rolled another back: in a sentence. */
  reason: string | null
  artifactId: string | null
  /** When its artifact was destroyed; null while it is there, or when there never was one. */
  artifactDeletedAt: Instant | null
  configId: string
  addonPlanNames: readonly string[]
  account: { id: string; email: string }
  /** When its turn to roll out came; null while it waits behind another. */
  turnAt: Instant | null
  /** When it became current; null for one that never did. */
  succeededAt: Instant | null
  /** Who wants its artifact kept, whatever the policy says. */
  pin: Pin | null
  createdAt: Instant
  updatedAt: Instant
}

export interface Pin {
  reason: string
  account: { id: string; email: string }
  createdAt: Instant
}

/** Statuses a release may move to. */
export const NEXT_STATUS: Readonly<Record<ReleaseStatus, readonly ReleaseStatus[]>> = {
  pending: ['succeeded', 'failed'],
  succeeded: ['expired'],
  failed: ['expired'],
  expired: [],
}

/** What a release makes an app be. */
export interface ReleaseContent {
  artifactId: string | null
  config: ConfigVars
  addonPlanNames: readonly string[]
}

/** What somebody wants changed. */
export type Change =
  | { kind: 'initial' }
  /** A build's result. `label` is a commit hash or the version its uploader gave. */
  | { kind: 'deploy'; artifactId: string; label: string | null }
  /** An artifact released by itself, with a description of the caller's own. */
  | { kind: 'artifact'; artifactId: string; description: string }
  /** All that was asked for, also what is so already: a release before it may fail, and take that along. */
  | { kind: 'config'; patch: ConfigPatch }
  | { kind: 'rollback'; version: number; content: ReleaseContent }
  | { kind: 'retry'; version: number; description: string; artifactId: string | null }

export interface ReleaseDraft extends ReleaseContent {
  kind: Change['kind']
  description: string
}

const EMPTY: ReleaseContent = { artifactId: null, config: {}, addonPlanNames: [] }

/**
 * The release that follows `head` when `change` happens: the ledger is this function folded over a history.
 * `head` is the newest release that has not failed.
 */
export function nextRelease(head: ReleaseContent | undefined, change: Change): ReleaseDraft {
  const base = head ?? EMPTY
  return { ...base, ...contentAfter(base, change), kind: change.kind, description: describe(change, base) }
}

function contentAfter(base: ReleaseContent, change: Change): Partial<ReleaseContent> {
  switch (change.kind) {
    case 'initial':
      return {}
    case 'deploy':
    case 'artifact':
      return { artifactId: change.artifactId }
    case 'config':
      return { config: merge(base.config, change.patch) }
    case 'rollback':
      // Provisioning is never rolled back, so the add-ons stay those of today.
      return { artifactId: change.content.artifactId, config: change.content.config }
    case 'retry':
      return { artifactId: change.artifactId ?? base.artifactId }
  }
}

/** The wording of the Change column, computed from the change and what it is applied to, so that it cannot lie. */
function describe(change: Change, base: ReleaseContent): string {
  switch (change.kind) {
    case 'initial':
      return 'Initial release'
    case 'deploy':
      return change.label === null ? 'Deploy' : `Deploy ${shortLabel(change.label)}`
    case 'artifact':
      return change.description
    case 'config':
      return describeConfig(change.patch, base.config)
    case 'rollback':
      return `Rollback to v${change.version}`
    case 'retry':
      return `Retry of v${change.version}: ${change.description}`
  }
}

/** Names what changes; or all that was asked for, when earlier releases have brought it about meanwhile. */
function describeConfig(patch: ConfigPatch, config: ConfigVars): string {
  const part = effective(config, patch)
  return describePatch(Object.keys(part).length > 0 ? part : patch)
}

/** A full commit hash is cut to git's default of 7; what git itself abbreviated, or another label, stays. */
export function shortLabel(label: string): string {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(label) ? label.slice(0, 7) : label
}
