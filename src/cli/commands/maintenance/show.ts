import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app } = await session.app(options)
    const { maintenance } = await client.apps.info(app)
    if (options.json) return session.output.json({ maintenance })
    session.output.print(maintenance ? 'on' : 'off')
  })
}
