import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { plainTable } from '../../table.ts'
import { when } from '../../when.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command).action(async (options: { json?: true }) => {
    const { client } = await session.platform()
    const backups = await client.addons.backups()
    if (options.json) return session.output.json(backups)
    if (backups.length === 0) return session.output.note('Nothing is kept of add-ons that were destroyed.')
    const now = Date.now()
    const rows = backups.map(backup => [
      backup.addon.name,
      backup.app.name,
      backup.plan.name,
      when(Date.parse(backup.created_at), now),
      backup.expires_at.slice(0, 10),
    ])
    session.output.print(
      ...plainTable(['Add-on', 'App', 'Plan', 'Destroyed', 'Kept until'], rows, session.output),
    )
  })
}
