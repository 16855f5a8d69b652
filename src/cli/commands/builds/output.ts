import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { streamBuild } from '../../build-output.ts'
import { namedBuild } from '../../named-build.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('[build]', 'its id; the newest when left out')
    .action(async (id: string | undefined, options: AppOptions) => {
      const { client, app } = await session.app(options)
      const build = await namedBuild(client, app, id)
      await streamBuild(client, { app, build, to: session.output.stdout })
    })
}
