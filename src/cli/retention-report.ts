import type { RetentionPolicy, Sweep } from '../client/shapes.ts'
import { spokenBytes as bytes } from '../core/disk.ts'
import type { Output } from './output.ts'
import { labelled, plainTable } from './table.ts'

/** An app's policy, and which part of it is its own. */
export function policyLines(policy: RetentionPolicy): string[] {
  const { effective } = policy
  const whose = (own: unknown) => (own === null ? '(platform)' : '(app)')
  const rule =
    effective.rule === 'any'
      ? 'any: releases that are too old, or not among the newest, expire'
      : 'all: releases that are too old, and not among the newest, expire'
  return [
    ...labelled([
      ['Days', `${effective.days} ${whose(policy.days)}`],
      ['Releases', `${effective.releases} ${whose(policy.releases)}`],
      ['Rule', `${rule} ${whose(policy.rule)}`],
    ]),
    ...(policy.age_counts
      ? []
      : [
          `The clock of the platform was set: until ${policy.age_counts_again_at} no release expires by its age.`,
        ]),
  ]
}

/** What a sweep did, or would do, with each release that it did not find expired. */
export function sweepLines(sweep: Sweep, output: Output): string[] {
  const live = sweep.releases.filter(release => release.verdict === 'kept' || release.due)
  const word = sweep.dry_run ? 'expires' : 'expired'
  const rows = live.map(({ version, due, why }) => [`v${version}`, due ? word : 'kept', why])
  const due = sweep.releases.filter(release => release.due).length
  return [...plainTable(['Rel', 'Fate', 'Why'], rows, output), '', summary(sweep, due)]
}

function summary({ dry_run, bytes: freed }: Sweep, due: number): string {
  const releases = `${due} ${due === 1 ? 'release' : 'releases'}`
  if (dry_run)
    return due === 0 && freed === 0
      ? 'The next sweep destroys nothing.'
      : `The next sweep: ${releases} will expire, and ${bytes(freed)} become free.`
  return `${releases} expired, ${bytes(freed)} are free again.`
}
