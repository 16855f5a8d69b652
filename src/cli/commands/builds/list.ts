import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { count } from '../../count.ts'
import type { AppOptions, Session } from '../../session.ts'
import { plainTable } from '../../table.ts'
import { when } from '../../when.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .option('-n, --num <count>', 'how many to list', count, 15)
    .action(async (options: AppOptions & { num: number; json?: true }) => {
      const { client, app } = await session.app(options)
      const builds = await client.builds.list(app, { max: options.num })
      if (options.json) return session.output.json(builds)
      if (builds.length === 0)
        return session.output.note(`${app} has no builds. Make one with: git push tidemark main`)
      const now = Date.now()
      const rows = builds.map(({ id, status, source_blob, user, created_at }) => {
        return [
          id,
          status,
          source_blob.version?.slice(0, 12) ?? '',
          user.email,
          when(Date.parse(created_at), now),
        ]
      })
      session.output.print(...plainTable(['Build', 'Status', 'Version', 'By', 'When'], rows, session.output))
    })
}
