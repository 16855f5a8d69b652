import { attached, attachmentVars } from '../core/attachment.ts'
import { type Release, releaseCommandOf } from '../core/release.ts'
import { type RollbackReport, rollbackReport } from '../core/rollback-report.ts'
import type { Ledger, Reader } from '../ledger/ledger.ts'
import { liveSupplies } from './addon-supply.ts'

/** How many releases between two are looked at for release commands. */
const HORIZON = 1000

/** Says what going back to `target` would change now, and what it would leave for a person to put right. Changes nothing. */
export async function reportRollback(
  ledger: Ledger,
  target: Release,
  {
    keepsAddonConfig,
    commitsAfter,
  }: { keepsAddonConfig: boolean; commitsAfter: (commit: string) => Promise<number | null> },
): Promise<RollbackReport> {
  const { read } = ledger
  const [current, head] = [await read.releases.current(target.appId), await read.releases.head(target.appId)]
  const from = current ?? target
  const artifact = target.artifactId === null ? undefined : await read.artifacts.byId(target.artifactId)
  const supplies = await liveSupplies(read, head ?? from)
  const live = attached(head ?? from).flatMap(attachment => {
    const supply = supplies.find(({ addon }) => addon.id === attachment.addon.id)
    return supply ? [{ attachment, vars: attachmentVars(attachment.name, supply) }] : []
  })
  const addons = await read.addons.byIds([...new Set(target.attachments.map(({ addon }) => addon.id))])
  const alive = new Set(addons.filter(({ state }) => state === 'provisioned').map(({ id }) => id))
  return rollbackReport({
    from: {
      code: await originOf(read, from),
      config: await read.configs.load(from.configId),
      attachments: head?.attachments ?? [],
    },
    to: {
      code: await originOf(read, target),
      config: await read.configs.load(target.configId),
      attachments: target.attachments,
    },
    isSameCode: from.artifactId === target.artifactId,
    live,
    isGone: id => !alive.has(id),
    keepsAddonConfig,
    commitsAhead: artifact?.commit ? await commitsAfter(artifact.commit) : null,
    releaseCommands: await commandsSince(read, target, from),
  })
}

/** How the code of a release came about. */
async function originOf(read: Reader, release: Release): Promise<string> {
  if (release.artifactId === null) return 'no code'
  const first = await read.releases.firstOfArtifact(release.appId, release.artifactId)
  return first?.description ?? `that of v${release.version}`
}

/** Versions after `target`, up to `current`, whose release command ran. */
async function commandsSince(read: Reader, target: Release, current: Release): Promise<number[]> {
  if (current.version <= target.version) return []
  const between = { from: target.version + 1, to: current.version, order: 'asc' as const, limit: HORIZON }
  const ran = (await read.releases.list(target.appId, between)).filter(
    ({ status, turnAt }) => status === 'succeeded' && turnAt !== null,
  )
  const ids = [...new Set(ran.flatMap(({ artifactId }) => artifactId ?? []))]
  const types = new Map((await read.artifacts.byIds(ids)).map(({ id, processTypes }) => [id, processTypes]))
  return ran
    .filter(release => releaseCommandOf(release, types.get(release.artifactId ?? '') ?? {}) !== null)
    .map(({ version }) => version)
}
