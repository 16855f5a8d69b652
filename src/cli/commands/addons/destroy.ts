import type { Command } from 'commander'
import { chooseAddon } from '../../addon-choice.ts'
import { newestOf, stateOf } from '../../addon-release.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { typed } from '../../confirmation.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'

interface Options extends AppOptions {
  confirm?: string
  force?: true
  wait: boolean
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<addon>', 'its name, or what it is attached as')
    .option('--confirm <name>', 'its name again, instead of being asked')
    .option('-f, --force', 'also while it is attached to other apps')
    .action(async (name: string, options: Options) => {
      const { client, app: near } = await session.app(options)
      const addon = await chooseAddon(client, name, near)
      const { output } = session
      if (options.confirm === undefined)
        output.warn(`This destroys ${addon.name} with all that is in it, for every app it is attached to.`)
      await typed(addon.name, {
        asking: `To destroy it, type its name, ${addon.name}: `,
        given: options.confirm,
      })
      const app = addon.app.name
      let destroyed = addon
      await makeRelease(output, {
        ...{ client, app, wait: options.wait, doing: `Destroying ${addon.name} on ${app}` },
        make: () =>
          newestOf(client, app, async () => {
            destroyed = await client.addons.destroy(addon, { force: options.force === true })
          }),
      })
      if (options.json) return output.json(destroyed)
      output.print(`${destroyed.name} is ${stateOf(destroyed)}.`)
      const backups = await client.addons.backups()
      if (backups.some(backup => backup.addon.id === addon.id))
        output.note(`What was in it is kept for 7 days: tidemark addons:restore ${addon.name}`)
    })
}
