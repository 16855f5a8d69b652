import type { Artifact } from './artifact.ts'
import {
  type Attachment,
  attach,
  attachmentsAfterRollback,
  detach,
  disowned,
  type Supplied,
  supply,
  withoutStrays,
} from './attachment.ts'
import type { Change, ReleaseContent } from './change.ts'
import { merge } from './config-vars.ts'
import { type ProcessTypes, RELEASE_TYPE } from './procfile.ts'
import { describe } from './release-description.ts'
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
  artifactKind: Artifact['kind'] | null
  /** When its artifact was destroyed; null while it is there, or when there never was one. */
  artifactDeletedAt: Instant | null
  configId: string
  /** The add-ons of that moment, by their links to the app. */
  attachments: readonly Attachment[]
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

export interface ReleaseDraft extends ReleaseContent {
  kind: Change['kind']
  description: string
}

/** The command that runs before any dyno of a release: none for what a provider changes by itself. */
export function releaseCommandOf({ kind }: Pick<Release, 'kind'>, types: ProcessTypes): string | null {
  return kind === 'addon-update' ? null : (types[RELEASE_TYPE] ?? null)
}

const EMPTY: ReleaseContent = { artifactId: null, config: {}, attachments: [] }

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
      return {
        config: merge(base.config, change.patch),
        attachments: disowned(base.attachments, Object.keys(change.patch)),
      }
    case 'rollback':
      return contentGoneBackTo(base, change)
    case 'retry':
      return { artifactId: change.artifactId ?? base.artifactId }
    case 'attach':
      return attach(base, change.attachment, change.vars)
    case 'detach':
      return detach(
        base,
        change.attachments.map(({ id }) => id),
      )
    case 'provision':
      return supply(withAttachments(base, [change.attachment]), [change.supply])
    case 'addon-update':
    case 'addon-plan':
      return supply(base, [change.supply])
    case 'addon-reconcile':
      return supply(withAttachments(withoutStrays(base), change.attachments), change.supplies)
  }
}

/** Provisioning is never rolled back, so the add-ons stay those of today. */
function contentGoneBackTo(
  base: ReleaseContent,
  { content, live }: Extract<Change, { kind: 'rollback' }>,
): ReleaseContent {
  const { artifactId, config } = content
  const back = { artifactId, config, attachments: attachmentsAfterRollback(base.attachments, content) }
  return live ? { ...back, ...supply(withoutStrays(back), live) } : back
}

/** With those of `attachments` that are not there yet. */
function withAttachments(base: Supplied, attachments: readonly Attachment[]): Supplied {
  const missing = attachments.filter(({ id }) => !base.attachments.some(attachment => attachment.id === id))
  return missing.reduce((supplied, attachment) => attach(supplied, attachment, {}), base)
}
