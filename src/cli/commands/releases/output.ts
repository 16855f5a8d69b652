import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { streamRelease } from '../../release-output.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('[release]', 'like v40; the newest when left out')
    .action(async (name: string | undefined, options: AppOptions) => {
      const { client, app } = await session.app(options)
      const release =
        name === undefined ? await client.releases.newest(app) : await client.releases.info(app, name)
      const hasSpoken = await streamRelease(client, { app, release, to: session.output.stdout })
      if (!hasSpoken)
        session.output.note(
          `v${release.version} has no output: its code declares no release command, or the release ended before the command began.`,
        )
    })
}
