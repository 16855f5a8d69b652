import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { plainTable } from '../../table.ts'
import { when } from '../../when.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command).action(async (options: { json?: true }) => {
    const { client } = await session.platform()
    const orphans = await client.addons.orphans()
    if (options.json) return session.output.json(orphans)
    if (orphans.length === 0) return session.output.note('No provider has anything left to take away.')
    const now = Date.now()
    const rows = orphans.map(({ name, plan, updated_at, reason }) => [
      name,
      plan.name,
      when(Date.parse(updated_at), now),
      reason ?? 'under way',
    ])
    session.output.print(
      ...plainTable(['Add-on', 'Plan', 'Last tried', 'Why it is still there'], rows, session.output),
    )
  })
}
