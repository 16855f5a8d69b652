import type { Command } from 'commander'
import type { Disk } from '../../../client/shapes.ts'
import { spokenBytes } from '../../../core/disk.ts'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { labelled, plainTable } from '../../table.ts'

const TITLES = ['App', 'Releases', 'Shared', 'Repository', 'Build cache', 'Logs', 'Next sweep frees']

export function define(command: Command, session: Session): void {
  jsonOption(command.option('-a, --app <name>', 'only this app')).action(
    async (options: { app?: string; json?: true }) => {
      const { client } = await session.platform()
      const disk = await client.retention.disk(options.app)
      if (options.json) return session.output.json(disk)
      const rows = disk.apps.map(row)
      session.output.print(...plainTable(TITLES, rows, session.output), '', ...summary(disk))
    },
  )
}

function row({ app, releases, ...sizes }: Disk['apps'][number]): string[] {
  const { repository, build_cache, logs, reclaimable } = sizes
  const counted = [releases.own, releases.shared, repository, build_cache, logs, reclaimable]
  return [app.name, ...counted.map(spokenBytes)]
}

function summary({ total, free, used, budget }: Disk): string[] {
  return labelled([
    ['Disk', `${spokenBytes(free)} of ${spokenBytes(total)} free`],
    ...(used === null ? [] : [['Platform', spokenBytes(used)] as const]),
    ...(budget === null ? [] : [['Budget', spokenBytes(budget)] as const]),
  ])
}
