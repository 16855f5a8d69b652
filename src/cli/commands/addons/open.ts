import type { Command } from 'commander'
import { chooseAddon } from '../../addon-choice.ts'
import { appOptions } from '../../app-options.ts'
import { browse } from '../../browser.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('<addon>', 'its name, or what it is attached as')
    .action(async (name: string, options: AppOptions) => {
      const { client, app } = await session.app(options)
      const addon = await chooseAddon(client, name, app)
      if (addon.web_url === null)
        throw new Error(`${addon.name} has no page of its own: its service offers none.`)
      session.output.print(addon.web_url)
      browse(addon.web_url, session.env)
    })
}
