import type { Command } from 'commander'
import type { PlatformClient } from '../../../client/platform-client.ts'
import type { Release } from '../../../client/shapes.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { succeeded } from '../../outcome.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

/** How far back a rollback without a number looks for a release that ran. */
const HORIZON = 200

const ADVICE =
  'A rollback is first aid: it restores code and config vars, not add-ons, data or the git repository.\n' +
  'The cure for bad code is git revert and a new push.'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('[release]', 'like v40; one release back when left out')
    .action(async (name: string | undefined, options: AppOptions & { wait: boolean; json?: true }) => {
      const { client, app } = await session.app(options)
      const target = name === undefined ? await previous(client, app) : await client.releases.info(app, name)
      const release = await progress(session.output, `Rolling back ${app} to v${target.version}`, {
        work: async () => {
          const made = await client.releases.rollback(app, target.id)
          return options.wait ? succeeded(client, app, made) : made
        },
        outcome: made => `v${made.version}`,
      })
      if (options.json) return session.output.json(release)
      session.output.print(`${options.wait ? 'Rolled' : 'Rolling'} back to v${target.version}`)
      session.output.warn(ADVICE)
    })
}

/** The second newest release that can be gone back to: the newest is what runs. */
async function previous(client: PlatformClient, app: string): Promise<Release> {
  const releases = await client.releases.list(app, { max: HORIZON })
  const [, target] = releases.filter(release => release.eligible_for_rollback)
  if (target) return target
  throw new Error(
    `${app} has no earlier release to go back to: it takes one that succeeded and whose code is still there. See: tidemark releases`,
  )
}
