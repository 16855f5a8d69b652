import type { Command } from 'commander'
import type { PlatformClient } from '../../../client/platform-client.ts'
import type { Release } from '../../../client/shapes.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { makeRelease } from '../../make-release.ts'
import { reportLines } from '../../rollback-report.ts'
import type { AppOptions, Session } from '../../session.ts'

const ADVICE =
  'A rollback is first aid: add-ons, their data and the git repository stay as they are.\n' +
  'The cure for bad code is git revert and a new push.'

interface Options extends AppOptions {
  dryRun?: true
  keepAddonConfig?: true
  wait: boolean
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('[release]', 'like v40; one release back when left out')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--keep-addon-config', 'leave the config vars of add-ons as they are today')
    .action(async (name: string | undefined, options: Options) => {
      const { client, app } = await session.app(options)
      const target = name === undefined ? await previous(client, app) : await client.releases.info(app, name)
      const keeps = { keepsAddonConfig: options.keepAddonConfig === true }
      const report = await client.releases.rollbackReport(app, target.id, keeps)
      if (options.dryRun) {
        if (options.json) return session.output.json(report)
        return session.output.print(`Rollback to v${target.version} would change:`, ...reportLines(report))
      }
      const release = await makeRelease(session.output, {
        ...{ client, app, wait: options.wait },
        doing: `Rolling back ${app} to v${target.version}`,
        make: () => client.releases.rollback(app, target.id, keeps),
      })
      session.output.note(reportLines(report).join('\n'))
      if (options.json) return session.output.json(release)
      session.output.print(`${options.wait ? 'Rolled' : 'Rolling'} back to v${target.version}`)
      session.output.warn(ADVICE)
    })
}

/** The second newest release that can be gone back to: the newest is what runs. */
async function previous(client: PlatformClient, app: string): Promise<Release> {
  let seen = 0
  const target = await client.releases.find(app, release => release.eligible_for_rollback && ++seen === 2)
  if (target) return target
  throw new Error(
    `${app} has no earlier release to go back to: it takes one that succeeded and whose code is still there. See: tidemark releases`,
  )
}
