import type { Actor } from '../core/account.ts'
import type { Artifact } from '../core/artifact.ts'
import type { Change, ReleaseContent } from '../core/change.ts'
import { formationAfter } from '../core/formation.ts'
import { formationTypes } from '../core/procfile.ts'
import { nextRelease, type Release, releaseCommandOf } from '../core/release.ts'
import { needsRollout, targetOf } from '../core/target.ts'
import { carriedBy } from '../core/turn.ts'
import type { AppTransaction } from '../ledger/ledger.ts'

/**
 * Appends the release that follows the app's head when `change` happens. It rolls out at once, or waits behind those
 * before it; one with nothing to run succeeds on the spot. `requestId` makes a repeated request find the first's
 * release. With `waits` it has its turn when the caller advances, and not before.
 */
export async function appendRelease(
  tx: AppTransaction,
  change: Change,
  by: Actor,
  { requestId, waits = false }: { requestId?: string | undefined; waits?: boolean } = {},
): Promise<Release> {
  const repeated =
    requestId === undefined ? undefined : await tx.releases.byRequest(tx.app.id, by.id, requestId)
  if (repeated) return repeated

  const head = await tx.releases.head(tx.app.id)
  // Releases end in the order of their versions: where any is pending, head is.
  const mustWait = waits || head?.status === 'pending'
  const draft = nextRelease(await contentOf(tx, head), change)
  const version = tx.app.lastVersion + 1
  const id = await tx.releases.insert({
    appId: tx.app.id,
    version,
    kind: draft.kind,
    description: draft.description,
    artifactId: draft.artifactId,
    configId: await tx.configs.save(tx.app.id, draft.config),
    attachments: draft.attachments,
    accountId: by.id,
    requestId: requestId ?? null,
    waitingChange: mustWait ? change : null,
  })
  tx.app.lastVersion = version
  await tx.apps.update(tx.app.id, { lastVersion: version, releasedAt: tx.now })
  const release = { id, version, kind: draft.kind, artifactId: draft.artifactId, account: by }
  const artifact = await artifactOf(tx, release)
  tx.emit(tx.app.id, 'release:create', {
    ...story(release, artifact),
    description: draft.description,
    hasCode: draft.artifactId !== null,
  })
  if (!mustWait) await succeedIfNothingRuns(tx, release, artifact)
  return one(tx, id)
}

/** Ends a pending release badly. */
export async function failRelease(
  tx: AppTransaction,
  release: Release,
  { reason, phase }: { reason: string; phase?: 'command' | 'dynos' },
): Promise<void> {
  await tx.releases.fail(release.id, reason)
  tx.emit(tx.app.id, 'release:update', {
    ...story(release, await artifactOf(tx, release)),
    ...{ status: 'failed', reason, phase: phase ?? null },
  })
}

/** Makes a pending release current, with the stack and the formation of its code, and ends those it carries. */
export async function succeed(tx: AppTransaction, release: ToldRelease): Promise<void> {
  for (const carried of carriedBy(release, await tx.releases.pending(tx.app.id))) {
    await tx.releases.carry(carried.id)
    tx.emit(tx.app.id, 'release:update', {
      ...story(carried, undefined),
      status: 'succeeded',
      hasCode: false,
    })
  }
  await tx.releases.succeed(tx.app.id, release.id)
  const artifact = await artifactOf(tx, release)
  if (artifact) {
    await adoptFormation(tx, formationTypes(artifact.processTypes))
    if (artifact.stack !== tx.app.stack) await tx.apps.update(tx.app.id, { stack: artifact.stack })
  }
  tx.emit(tx.app.id, 'release:update', {
    ...story(release, artifact),
    status: 'succeeded',
    hasCode: release.artifactId !== null,
  })
}

/** The parts of a release that an event tells of. */
type ToldRelease = Pick<Release, 'id' | 'version' | 'kind' | 'artifactId' | 'account'>

function story(release: ToldRelease, artifact: Artifact | undefined) {
  const { id, version, account } = release
  const hasCommand = releaseCommandOf(release, artifact?.processTypes ?? {}) !== null
  return { id, version, user: account.email, hasCommand }
}

/** Types that the code no longer declares leave the formation; new ones join it. */
async function adoptFormation(tx: AppTransaction, types: readonly string[]): Promise<void> {
  const before = await tx.formations.list(tx.app.id)
  for (const row of before) if (!types.includes(row.type)) await tx.formations.delete(row.id)
  for (const row of formationAfter(before, types)) {
    if (!before.some(kept => kept.type === row.type)) await tx.formations.insert({ ...row, appId: tx.app.id })
  }
}

/** A release with nothing to wait for is current at once. */
export async function succeedIfNothingRuns(
  tx: AppTransaction,
  release: ToldRelease,
  artifact: Artifact | undefined,
): Promise<void> {
  const target = artifact && targetOf(release, artifact.processTypes, await tx.formations.list(tx.app.id))
  if (!target || !needsRollout(target)) await succeed(tx, release)
}

export async function artifactOf(
  tx: AppTransaction,
  { artifactId }: Pick<Release, 'artifactId'>,
): Promise<Artifact | undefined> {
  return artifactId === null ? undefined : tx.artifacts.byId(artifactId)
}

export async function contentOf(
  tx: AppTransaction,
  release: Release | undefined,
): Promise<ReleaseContent | undefined> {
  if (!release) return undefined
  return {
    artifactId: release.artifactId,
    config: await tx.configs.load(release.configId),
    attachments: release.attachments,
  }
}

async function one(tx: AppTransaction, id: string): Promise<Release> {
  const release = await tx.releases.byId(tx.app.id, id)
  if (!release) throw new Error(`Release ${id} was appended and is not there.`)
  return release
}
