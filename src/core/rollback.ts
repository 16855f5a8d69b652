import type { Release } from './release.ts'

export type Eligibility = { eligible: true } | { eligible: false; reason: string }

/** Whether `release` can be rolled back to, and if not, why: it must have succeeded and its artifact must be there. */
export function eligibility(release: Release): Eligibility {
  const no = (reason: string): Eligibility => ({
    eligible: false,
    reason: `Release v${release.version} ${reason}`,
  })
  if (release.status === 'pending')
    return no('is still pending: it can be rolled back to once it has succeeded.')
  if (release.status === 'failed') return no('failed, so there is nothing that ran to go back to.')
  if (release.status === 'expired' || release.artifactDeletedAt !== null) {
    return no(`has expired: ${release.reason ?? 'its artifact was destroyed by the retention policy'}.`)
  }
  if (release.artifactId === null) return no('has no artifact: no code had been deployed yet.')
  return { eligible: true }
}

/** Why a rollback to `release` is refused, as sentences; undefined when it is not. */
export function rollbackRefusal(release: Release): string | undefined {
  const verdict = eligibility(release)
  return verdict.eligible ? undefined : `Cannot roll back to v${release.version}. ${verdict.reason}`
}

/** Where a rollback without a number goes: the second newest eligible release, the newest being what runs. */
export function previousEligible(newestFirst: readonly Release[]): Release | undefined {
  return newestFirst.filter(release => eligibility(release).eligible)[1]
}
