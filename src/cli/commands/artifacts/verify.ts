import type { Command } from 'commander'
import { ApiError } from '../../../client/api-error.ts'
import type { PlatformClient } from '../../../client/platform-client.ts'
import type { Release, Verification } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { type ArtifactUse, artifactUses, spokenVersions } from '../../artifact-use.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'
import { plainTable } from '../../table.ts'

type Verified = Verification & { releases: readonly number[] }

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[release]', 'like v40; the code of all when left out')
    .action(async (name: string | undefined, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const { output } = session
      const uses = await wanted(client, app, name)
      const verified: Verified[] = []
      for (const [index, use] of uses.entries()) {
        const doing = `Verifying the code of ${spokenVersions(use.versions)} (${index + 1} of ${uses.length})`
        const found = await progress(output, doing, { work: () => verify(client, app, use), outcome })
        if (found) verified.push({ ...found, releases: use.versions })
      }
      const rows = verified.map(found => [
        found.digest.slice(7, 19),
        spokenVersions(found.releases),
        state(found),
      ])
      if (options.json) output.json(verified)
      else if (rows.length === 0) output.print(`${app} has no code yet: there is nothing to verify.`)
      else output.print(...plainTable(['Code', 'Releases', 'State'], rows, output))
      const wrong = verified.filter(({ ok }) => !ok)
      if (wrong.length > 0) throw new Error(advice(wrong))
    })
}

/** The artifacts of all releases, or that of one, each with all releases that use it. */
async function wanted(client: PlatformClient, app: string, name: string | undefined): Promise<ArtifactUse[]> {
  const { releases } = client
  const only = name === undefined ? undefined : artifactOf(await releases.info(app, name))
  const uses = artifactUses(await releases.list(app, { max: Number.POSITIVE_INFINITY }))
  return uses.filter(({ id }) => only === undefined || id === only)
}

function artifactOf({ version, status, reason, artifacts: [artifact] }: Release): string {
  if (artifact === undefined) throw new Error(`v${version} has no code: nothing had been deployed yet.`)
  if (status === 'expired') throw new Error(`v${version} has expired: ${reason}. There is nothing to verify.`)
  return artifact.id
}

/** Undefined for what was destroyed since the releases were listed. */
async function verify(
  client: PlatformClient,
  app: string,
  { id }: ArtifactUse,
): Promise<Verification | undefined> {
  try {
    return await client.images.verify(app, id)
  } catch (error) {
    if (error instanceof ApiError && error.id === 'invalid_params') return undefined
    throw error
  }
}

function outcome(found: Verification | undefined): string {
  if (!found) return 'expired meanwhile'
  return found.ok ? (found.repaired ? 'repaired' : '') : found.runtime_fault === null ? 'wrong' : 'cannot run'
}

function state({ ok, repaired, faults, runtime_fault: cannotRun }: Verification): string {
  if (ok) return repaired ? 'repaired: the Docker engine did not have its image' : 'ok'
  if (cannotRun !== null) return `CANNOT RUN: ${cannotRun}`
  const [first, ...others] = faults
  return `WRONG: ${first}${others.length > 0 ? ` And ${others.length} more: see --json.` : ''}`
}

function advice(wrong: readonly Verified[]): string {
  const { damaged = [], sound = [] } = Object.groupBy(wrong, ({ faults }) =>
    faults.length > 0 ? 'damaged' : 'sound',
  )
  const sentences = []
  if (damaged.length > 0)
    sentences.push(
      `Something is wrong with the code of ${versionsOf(damaged)}. What is damaged comes back from a backup of the data directory, or with the same code deployed again.`,
    )
  if (sound.length > 0)
    sentences.push(
      `The code of ${versionsOf(sound)} is stored as it was, but the Docker engine cannot run it now: no backup changes that. See to what is said of it.`,
    )
  return sentences.join(' ')
}

function versionsOf(verified: readonly Verified[]): string {
  return spokenVersions(verified.flatMap(({ releases }) => releases).toSorted((a, b) => b - a))
}
