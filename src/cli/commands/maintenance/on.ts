import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command).action(async (options: AppOptions) => {
    const { client, app } = await session.app(options)
    await progress(session.output, `Enabling maintenance mode for ${app}`, {
      work: () => client.apps.update(app, { maintenance: true }),
    })
  })
}
