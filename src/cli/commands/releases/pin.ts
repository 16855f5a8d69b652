import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<release>', 'like v40')
    .requiredOption('--reason <text>', 'why it has to be kept: one line')
    .action(async (name: string, options: AppOptions & { reason: string; json?: true }) => {
      const { client, app } = await session.app(options)
      const { id, version } = await client.releases.info(app, name)
      const release = await progress(session.output, `Pinning v${version} of ${app}`, {
        work: () => client.releases.pin(app, id, options.reason),
      })
      if (options.json) session.output.json(release)
    })
}
