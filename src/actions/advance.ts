import { UserError } from '../core/errors.ts'
import { nextRelease, type Release, type ReleaseDraft } from '../core/release.ts'
import { nextTurn } from '../core/turn.ts'
import type { AppTransaction } from '../ledger/ledger.ts'
import { artifactOf, contentOf, failRelease, succeedIfNothingRuns } from './append-release.ts'

/** Gives the next waiting release its turn; those with nothing to run succeed, and the next one has its turn. */
export async function advance(tx: AppTransaction): Promise<void> {
  while (true) {
    const next = nextTurn(await tx.releases.pending(tx.app.id))
    if (!next) return
    await tx.releases.giveTurn(next.id)
    tx.emit(tx.app.id, 'release:update', { id: next.id, version: next.version, status: 'pending' })
    await succeedIfNothingRuns(tx, next, await artifactOf(tx, next))
  }
}

/**
 * Computes all that waits anew, after a release has failed: nothing of the failed change is left in any of them, nor
 * taken for what is there by a change that comes next.
 */
export async function redraftWaiting(tx: AppTransaction): Promise<void> {
  for (const release of await tx.releases.pending(tx.app.id)) {
    if (release.turnAt !== null) continue
    const draft = await redraft(tx, release)
    if (draft === undefined) continue
    await tx.releases.revise(release.id, {
      description: draft.description,
      artifactId: draft.artifactId,
      configId: await tx.configs.save(tx.app.id, draft.config),
      attachments: draft.attachments,
    })
  }
}

/** What a waiting release is on the head before it; undefined when it cannot be, and has failed for that reason. */
async function redraft(tx: AppTransaction, release: Release): Promise<ReleaseDraft | undefined> {
  const change = await tx.releases.waitingChange(release.id)
  const head = await contentOf(tx, await tx.releases.head(tx.app.id, release.version))
  try {
    return nextRelease(head, change)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    await failRelease(tx, release, { reason: error.message })
    return undefined
  }
}
