import type { Actor } from '../core/account.ts'
import { invalid, notFound } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import { rollbackRefusal } from '../core/rollback.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'
import { liveSupplies } from './addon-supply.ts'
import { appendRelease, failRelease } from './append-release.ts'

/**
 * Appends a copy of an earlier release; with `keepsAddonConfig` the config vars of add-ons stay what they are today. It jumps the queue: releases still pending end as failed, superseded by it.
 * Throws when the target is unknown, or not eligible, with the reason.
 */
export async function rollback(
  ledger: Ledger,
  by: Actor,
  appId: string,
  request: { releaseId: string; keepsAddonConfig?: boolean; requestId?: string },
): Promise<Release> {
  return ledger.transact(appId, async tx => {
    const repeated = request.requestId && (await tx.releases.byRequest(appId, by.id, request.requestId))
    if (repeated) return repeated
    const target = await tx.releases.byId(appId, request.releaseId)
    if (!target) throw notFound('release')
    const refusal = rollbackRefusal(target)
    if (refusal) throw invalid(refusal)
    return appendRollback(tx, target, { by, ...request })
  })
}

/** Appends a copy of `target`, which has to be eligible, in place of all that is pending. */
export async function appendRollback(
  tx: AppTransaction,
  target: Release,
  { by, keepsAddonConfig = false, requestId }: { by: Actor; keepsAddonConfig?: boolean; requestId?: string },
): Promise<Release> {
  await supersede(tx, `superseded by rollback v${tx.app.lastVersion + 1}`)
  const head = await tx.releases.head(tx.app.id)
  const live = head && keepsAddonConfig ? { live: await liveSupplies(tx, head) } : {}
  const content = {
    artifactId: target.artifactId,
    config: await tx.configs.load(target.configId),
    attachments: target.attachments,
  }
  return appendRelease(tx, { kind: 'rollback', version: target.version, content, ...live }, by, { requestId })
}

async function supersede(tx: AppTransaction, reason: string): Promise<void> {
  for (const release of await tx.releases.pending(tx.app.id)) await failRelease(tx, release, { reason })
}
