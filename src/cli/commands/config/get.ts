import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<names...>', 'config vars; one that is not set prints an empty line')
    .action(async (names: string[], options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const config = await client.config.get(app)
      const found = names.map(
        name => [name, Object.hasOwn(config, name) ? (config[name] ?? '') : null] as const,
      )
      if (options.json) return session.output.json(Object.fromEntries(found))
      session.output.print(...found.map(([, value]) => value ?? ''))
    })
}
