import type { Command } from 'commander'
import { newestOf } from '../../addon-release.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<attachment>', 'what it is attached as, like LEDGER')
    .action(async (name: string, options: AppOptions & { wait: boolean; json?: true }) => {
      const { client, app } = await session.app(options)
      const attachments = await client.addons.attachments(app)
      const attachment = attachments.find(each => each.name === name || each.id === name)
      if (!attachment) {
        const known = attachments.map(each => each.name).join(', ') || 'none'
        throw new Error(`${app} has no attachment ${name}. It has: ${known}`)
      }
      const release = await makeRelease(session.output, {
        ...{ client, app, wait: options.wait },
        doing: `Detaching ${attachment.name} (${attachment.addon.name}) from ${app}`,
        make: () => newestOf(client, app, () => client.addons.detach(attachment)),
      })
      if (options.json) session.output.json(release ?? null)
    })
}
