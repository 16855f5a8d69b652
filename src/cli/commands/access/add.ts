import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('<email>', 'who: the e-mail address of an account')
    .action(async (email: string, options: AppOptions) => {
      const { client, app } = await session.app(options)
      await progress(session.output, `Giving ${email} access to ${app}`, {
        work: () => client.collaborators.add(app, email),
      })
    })
}
