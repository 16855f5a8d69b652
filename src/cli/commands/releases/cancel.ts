import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[release]', 'like v40; the newest pending one when left out')
    .action(async (name: string | undefined, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const release =
        name === undefined
          ? await client.releases.find(app, ({ status }) => status === 'pending')
          : await client.releases.info(app, name)
      if (!release) return session.output.note(`No release of ${app} is pending; there is nothing to cancel.`)
      const cancelled = await progress(session.output, `Cancelling v${release.version} of ${app}`, {
        work: () => client.releases.cancel(app, release.id),
      })
      if (release.status === 'failed') session.output.note(`It had failed before: ${release.reason}`)
      if (options.json) session.output.json(cancelled)
    })
}
