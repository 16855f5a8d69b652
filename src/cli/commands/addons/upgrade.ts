import type { Command } from 'commander'
import { chooseAddon } from '../../addon-choice.ts'
import { newestOf } from '../../addon-release.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<addon>', 'its name, or what it is attached as')
    .argument('<plan>', 'like essential-1; see addons:plans')
    .action(async (name: string, plan: string, options: AppOptions & { wait: boolean; json?: true }) => {
      const { client, app: near } = await session.app(options)
      const addon = await chooseAddon(client, name, near)
      const wanted = plan.includes(':') ? plan : `${addon.addon_service.name}:${plan}`
      const app = addon.app.name
      let changed = addon
      await makeRelease(session.output, {
        ...{ client, app, wait: options.wait },
        doing: `Changing ${addon.name} on ${app} from ${addon.plan.name} to ${wanted}`,
        make: () =>
          newestOf(client, app, async () => {
            changed = await client.addons.update(addon, { plan: wanted })
          }),
      })
      if (options.json) return session.output.json(changed)
      if (changed.provision_message) session.output.print(changed.provision_message)
    })
}
