import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<stack>', 'one that tidemark stack lists')
    .action(async (stack: string, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const changed = await progress(session.output, `Setting the stack of ${app} to ${stack}`, {
        work: () => client.apps.update(app, { build_stack: stack }),
      })
      if (options.json) return session.output.json(changed)
      session.output.note('The next build is for it. Deploy with: git push tidemark main')
    })
}
