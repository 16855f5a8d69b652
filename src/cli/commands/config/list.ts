import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'
import { quoted } from '../../shell-quote.ts'
import { labelled } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .option('-s, --shell', 'print NAME=value as a shell reads it')
    .action(async (options: AppOptions & { json?: true; shell?: true }) => {
      const { client, app } = await session.app(options)
      const config = await client.config.get(app)
      const entries = Object.entries(config)
      if (options.json) return session.output.json(config)
      if (options.shell)
        return session.output.print(...entries.map(([name, value]) => `${name}=${quoted(value)}`))
      session.output.print(session.output.style('bold', `=== ${app} Config Vars`), ...labelled(entries))
    })
}
