import type { Actor } from '../core/account.ts'
import { invalid, notFound } from '../core/errors.ts'
import type { Release } from '../core/release.ts'
import { eligibility } from '../core/rollback.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'

const LONGEST_REASON = 200

/** Exempts a release from retention: its artifact stays until it is unpinned. Throws when it is gone already. */
export async function pinRelease(
  ledger: Ledger,
  by: Actor,
  appId: string,
  request: { releaseId: string; reason: string },
): Promise<Release> {
  const reason = request.reason.trim()
  if (reason === '' || reason.length > LONGEST_REASON || /\p{Cc}/u.test(reason)) {
    throw invalid(
      `The reason of a pin is a line of 1 to ${LONGEST_REASON} characters, for those who wonder later why the release is still there.`,
    )
  }
  return ledger.transact(appId, async tx => {
    const release = await find(tx, request.releaseId)
    const refusal = refusalOf(release)
    if (refusal) throw invalid(`Cannot pin v${release.version}. ${refusal}`)
    if (release.pin?.reason === reason) return release
    await tx.releases.pin(release.id, { reason, accountId: by.id })
    tx.emit(appId, 'release:pin', { id: release.id, version: release.version, reason, user: by.email })
    return find(tx, release.id)
  })
}

/** Lets the retention policy decide about a release again. */
export async function unpinRelease(
  ledger: Ledger,
  by: Actor,
  appId: string,
  releaseId: string,
): Promise<Release> {
  return ledger.transact(appId, async tx => {
    const release = await find(tx, releaseId)
    if (!release.pin) return release
    await tx.releases.pin(release.id, null)
    tx.emit(appId, 'release:unpin', { id: release.id, version: release.version, user: by.email })
    return find(tx, release.id)
  })
}

async function find(tx: AppTransaction, id: string): Promise<Release> {
  const release = await tx.releases.byId(tx.app.id, id)
  if (!release) throw notFound('release')
  return release
}

function refusalOf(release: Release): string | undefined {
  if (release.artifactId === null)
    return `Release v${release.version} has no artifact, so there is nothing to keep.`
  if (release.status !== 'expired' && release.artifactDeletedAt === null) return undefined
  const verdict = eligibility(release)
  return verdict.eligible ? undefined : verdict.reason
}
