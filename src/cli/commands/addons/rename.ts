import type { Command } from 'commander'
import { chooseAddon } from '../../addon-choice.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<addon>', 'its name, or what it is attached as')
    .argument('<name>', 'its new name')
    .action(async (name: string, wanted: string, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const addon = await chooseAddon(client, name, app)
      const renamed = await progress(session.output, `Renaming ${addon.name} to ${wanted}`, {
        work: () => client.addons.update(addon, { name: wanted }),
      })
      if (options.json) session.output.json(renamed)
    })
}
