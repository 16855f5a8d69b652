import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { announce } from '../../buildpack-list.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command).action(async (options: AppOptions) => {
    const { client, app } = await session.app(options)
    announce(session.output, app, await client.buildpacks.set(app, []))
  })
}
