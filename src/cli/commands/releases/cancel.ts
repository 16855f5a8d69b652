import type { Command } from 'commander'
import type { PlatformClient } from '../../../client/platform-client.ts'
import type { Release } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

/** How far back a cancel without a number looks for what is pending. */
const HORIZON = 200

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[release]', 'like v40; the newest pending one when left out')
    .action(async (name: string | undefined, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const release =
        name === undefined ? await newestPending(client, app) : await client.releases.info(app, name)
      if (!release) return session.output.note(`No release of ${app} is pending; there is nothing to cancel.`)
      const cancelled = await progress(session.output, `Cancelling v${release.version} of ${app}`, {
        work: () => client.releases.cancel(app, release.id),
      })
      if (release.status === 'failed') session.output.note(`It had failed before: ${release.reason}`)
      if (options.json) session.output.json(cancelled)
    })
}

async function newestPending(client: PlatformClient, app: string): Promise<Release | undefined> {
  const releases = await client.releases.list(app, { max: HORIZON })
  return releases.find(release => release.status === 'pending')
}
