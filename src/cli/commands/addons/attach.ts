import type { Command } from 'commander'
import type { Attachment } from '../../../client/shapes.ts'
import { chooseAddon } from '../../addon-choice.ts'
import { newestOf } from '../../addon-release.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { confirming } from '../../confirmation.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'

interface Options extends AppOptions {
  as?: string
  confirm?: string
  wait: boolean
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<addon>', 'its name')
    .option('--as <name>', 'what it is attached as, like LEDGER')
    .option('--confirm <app>', 'the name of the app, to replace an attachment or config vars that are there')
    .action(async (name: string, options: Options) => {
      const { client, app } = await session.app(options)
      const { output } = session
      const addon = await chooseAddon(client, name, app)
      let attachment: Attachment | undefined
      await confirming(output, { app, confirm: options.confirm }, confirm =>
        makeRelease(output, {
          ...{ client, app, wait: options.wait },
          doing: `Attaching ${addon.name}${options.as ? ` as ${options.as}` : ''} to ${app}`,
          make: () =>
            newestOf(client, app, async () => {
              const draft = {
                addon: addon.id,
                ...(options.as && { name: options.as }),
                ...(confirm && { confirm }),
              }
              attachment = await client.addons.attach(app, draft)
            }),
        }),
      )
      if (options.json) return output.json(attachment ?? null)
      output.print(`Attached ${addon.name} as ${attachment?.name}`)
    })
}
