import type { Command } from 'commander'
import type { Release } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { count } from '../../count.ts'
import { states } from '../../release-state.ts'
import type { AppOptions, Session } from '../../session.ts'
import { type Column, type Row, table } from '../../table.ts'
import { when } from '../../when.ts'

export const COLUMNS: readonly Column[] = [
  { title: 'Rel', width: 4, rule: 4 },
  { title: 'Change', width: 30, rule: 22 },
  { title: 'By', width: 20, rule: 10 },
  { title: 'When', width: 10, rule: 10 },
]

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .option('-n, --num <count>', 'how many to list', count, 15)
    .action(async (options: AppOptions & { num: number; json?: true }) => {
      const { client, app } = await session.app(options)
      const releases = await client.releases.list(app, { max: options.num })
      if (options.json) return session.output.json(releases)
      const now = Date.now()
      session.output.print(
        ...table(
          COLUMNS,
          releases.map(release => row(release, now)),
          session.output,
        ),
      )
    })
}

export function row(release: Release, now: number): Row {
  const said = states(release)
  const change = said.length > 0 ? `${release.description} (${said.join(', ')})` : release.description
  const cells = [`v${release.version}`, change, release.user.email, when(Date.parse(release.created_at), now)]
  if (release.status === 'failed')
    return { cells, style: 'red', ...(release.reason && { note: release.reason }) }
  if (release.status === 'pending') return { cells, style: 'yellow' }
  if (release.status === 'expired') return { cells, style: 'dim' }
  return release.current ? { cells, style: 'bold' } : { cells }
}
