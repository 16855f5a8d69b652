import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { plainTable } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command).action(async (options: { json?: true }) => {
    const { client } = await session.platform()
    const apps = (await client.apps.list()).sort((a, b) => a.name.localeCompare(b.name))
    if (options.json) return session.output.json(apps)
    if (apps.length === 0) return session.output.note('You have no apps. Create one with: tidemark create')
    session.output.print(
      ...plainTable(
        ['Name', 'Owner'],
        apps.map(app => [app.name, app.owner.email]),
        session.output,
      ),
    )
  })
}
