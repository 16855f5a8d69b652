import type { Command } from 'commander'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { changeConfig } from '../../change-config.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<names...>', 'config vars')
    .action(async (names: string[], options: AppOptions & { wait: boolean; json?: true }) => {
      const { client, app } = await session.app(options)
      const patch = Object.fromEntries(names.map(name => [name, null]))
      const doing = `Unsetting ${names.join(', ')}`
      const release = await changeConfig(session, { client, app, patch, doing, wait: options.wait })
      if (options.json) session.output.json(release ?? null)
    })
}
