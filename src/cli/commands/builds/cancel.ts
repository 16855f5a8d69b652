import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { namedBuild } from '../../named-build.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('[build]', 'its id; the newest when left out')
    .action(async (id: string | undefined, options: AppOptions) => {
      const { client, app } = await session.app(options)
      const build = await namedBuild(client, app, id)
      if (build.status === 'failed')
        return session.output.note(`Build ${build.id} has failed already; there is nothing to cancel.`)
      if (build.status !== 'pending')
        throw new Error(`Build ${build.id} has ${build.status} already; there is nothing to cancel.`)
      await progress(session.output, `Cancelling build ${build.id}`, {
        work: () => client.builds.cancel(app, build.id),
      })
    })
}
