import type { Release } from './release.ts'
import { days, type Instant, isoDate } from './time.ts'

/** How long the artifacts of an app's releases are kept. */
export interface RetentionPolicy {
  /** A release is old after so many days. */
  days: number
  /** So many of an app's releases are its newest. */
  releases: number
  /** What puts a release outside: `any` of being old and not being among the newest, or `all` of it. */
  rule: 'any' | 'all'
}

export const DEFAULT_RETENTION: RetentionPolicy = { days: 30, releases: 100, rule: 'any' }

const LIMITS = { days: 36_500, releases: 1_000_000 } as const

/** Why this cannot be part of a policy, as a sentence; undefined when it can. */
export function retentionFault(policy: Partial<Record<keyof RetentionPolicy, unknown>>): string | undefined {
  for (const name of ['days', 'releases'] as const) {
    const value = policy[name]
    if (value === undefined) continue
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > LIMITS[name]) {
      return `Retention ${name} is ${JSON.stringify(value)}; expected a whole number from 1 to ${LIMITS[name]}.`
    }
  }
  if (policy.rule === undefined || policy.rule === 'any' || policy.rule === 'all') return undefined
  return `Retention rule is ${JSON.stringify(policy.rule)}; expected any (too old, or too many) or all (both at once).`
}

/** What retention has to know of a release. */
export type RetainedRelease = Pick<
  Release,
  | 'id'
  | 'version'
  | 'status'
  | 'current'
  | 'reason'
  | 'artifactId'
  | 'artifactDeletedAt'
  | 'pin'
  | 'createdAt'
>

/** What retention has to know besides the releases. */
export interface RetentionScene {
  policy: RetentionPolicy
  now: Instant
  /** False while the clock is not to be trusted: no release is old then. */
  ageCounts: boolean
  /** Of the app: versions have no gaps, so they say which releases are its newest. */
  lastVersion: number
  /** The release before the current one, while the app may go back to it at once or by itself. */
  standbyId: string | null
  /** Ids of releases that dynos run, or are about to. */
  running: ReadonlySet<string>
}

/** What becomes of a release, and why, in words that follow `v40 is kept:` or `v40 is expired:`. */
export interface Verdict<R extends RetainedRelease = RetainedRelease> {
  release: R
  isKept: boolean
  /** It has to expire now; false also for one that has expired before. */
  isDue: boolean
  why: string
}

/**
 * Says of every release whether it is kept, and why. An artifact is destroyed only when every release that uses it is
 * outside the policy; then all of them expire together. Releases that share an artifact have to come together.
 */
export function retention<R extends RetainedRelease>(
  releases: readonly R[],
  scene: RetentionScene,
): Verdict<R>[] {
  const keepers = keepersOf(releases, scene)
  return releases.map(release => {
    const kept = (why: string) => ({ release, isKept: true, isDue: false, why })
    if (isExpired(release))
      return { release, isKept: false, isDue: false, why: release.reason ?? 'expired before' }
    if (release.artifactId === null) return kept('without an artifact, so there is nothing to destroy')
    const own = claimOf(release, scene)
    if (own !== undefined) return kept(own)
    const keeper = keepers.get(release.artifactId)
    if (keeper) return kept(`shares its artifact with v${keeper.version}, which is ${claimOf(keeper, scene)}`)
    const why = `${outsideBy(release, scene)}, and its artifact is used by no release within the policy`
    return { release, isKept: false, isDue: true, why }
  })
}

/** The release by which each artifact is kept: one that is exempt before one that is within the policy, newest first. */
function keepersOf<R extends RetainedRelease>(
  releases: readonly R[],
  scene: RetentionScene,
): Map<string | null, R> {
  const keepers = new Map<string | null, R>()
  const rank = (release: R) => (exemption(release, scene) === undefined ? 0 : Number.MAX_SAFE_INTEGER / 2)
  for (const release of releases) {
    if (isExpired(release) || claimOf(release, scene) === undefined) continue
    const known = keepers.get(release.artifactId)
    if (!known || rank(release) + release.version > rank(known) + known.version)
      keepers.set(release.artifactId, release)
  }
  return keepers
}

function isExpired({ status, artifactDeletedAt }: RetainedRelease): boolean {
  return status === 'expired' || artifactDeletedAt !== null
}

/** Why a release itself is kept; undefined when it is not. */
function claimOf(release: RetainedRelease, scene: RetentionScene): string | undefined {
  return exemption(release, scene) ?? within(release, scene)
}

function exemption(release: RetainedRelease, scene: RetentionScene): string | undefined {
  if (release.current) return 'current'
  if (release.status === 'pending') return 'pending'
  if (release.pin) return `pinned: ${release.pin.reason} by ${release.pin.account.email}`
  if (release.version === scene.lastVersion) return 'the newest release'
  if (release.id === scene.standbyId) return 'the release before the current one, to go back to at once'
  if (scene.running.has(release.id)) return 'run by a dyno'
  return undefined
}

function within(release: RetainedRelease, scene: RetentionScene): string | undefined {
  const { policy, ageCounts } = scene
  const newest = isNewest(release, scene) ? `among the newest ${policy.releases}` : undefined
  const young = isOld(release, scene) ? undefined : `not older than ${daysOf(policy)}`
  if (!ageCounts)
    return (
      newest ??
      (policy.rule === 'all' ? 'of an age that does not count before the clock is steady' : undefined)
    )
  if (policy.rule === 'all') return newest ?? young
  return newest && young && `${newest} and ${young}`
}

/** By which part of the policy a release is outside, and since when. */
function outsideBy(release: RetainedRelease, scene: RetentionScene): string {
  const { policy, now } = scene
  const old = `older than ${daysOf(policy)} (since ${isoDate(release.createdAt + days(policy.days))})`
  const newest = policy.releases === 1 ? 'the newest' : `among the newest ${policy.releases}`
  const many = `not ${newest} (on ${isoDate(now)})`
  const said = [...(isOld(release, scene) ? [old] : []), ...(isNewest(release, scene) ? [] : [many])]
  return said.join(' and ')
}

function isOld({ createdAt }: RetainedRelease, { policy, now, ageCounts }: RetentionScene): boolean {
  return ageCounts && now - createdAt > days(policy.days)
}

function isNewest({ version }: RetainedRelease, { policy, lastVersion }: RetentionScene): boolean {
  return version > lastVersion - policy.releases
}

function daysOf(policy: RetentionPolicy): string {
  return policy.days === 1 ? '1 day' : `${policy.days} days`
}

/** An artifact that no release ever used is kept for so long. */
const UNUSED_FOR = days(1)

/** Whether an artifact that no release ever used, made at `createdAt`, is to be destroyed. */
export function isForgotten(
  createdAt: Instant,
  { now, ageCounts }: Pick<RetentionScene, 'now' | 'ageCounts'>,
): boolean {
  return ageCounts && now - createdAt > UNUSED_FOR
}
