import type { Command } from 'commander'
import { chooseAddon } from '../../addon-choice.ts'
import { newestOf } from '../../addon-release.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<addon>', 'its name, or what it is attached as')
    .option('-f, --force', 'end the old credentials at once, whether the apps run with the new ones or not')
    .action(async (name: string, options: AppOptions & { force?: true; wait: boolean; json?: true }) => {
      const { client, app: near } = await session.app(options)
      const addon = await chooseAddon(client, name, near)
      const app = addon.app.name
      const release = await makeRelease(session.output, {
        ...{ client, app, wait: options.wait },
        doing: `Rotating the credentials of ${addon.name}`,
        make: () =>
          newestOf(client, app, () => client.addons.rotate(addon, { force: options.force === true })),
      })
      if (options.json) session.output.json(release ?? null)
    })
}
