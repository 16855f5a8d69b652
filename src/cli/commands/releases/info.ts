import type { Command } from 'commander'
import type { ConfigVars, Release } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { states } from '../../release-state.ts'
import type { AppOptions, Session } from '../../session.ts'
import { labelled } from '../../table.ts'
import { when } from '../../when.ts'

const LABEL_WIDTH = 13

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[release]', 'like v40; the newest when left out')
    .action(async (name: string | undefined, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const release =
        name === undefined ? await client.releases.newest(app) : await client.releases.info(app, name)
      const config = await client.releases.config(app, release.id)
      if (options.json) return session.output.json({ ...release, config_vars: config })
      session.output.print(
        session.output.style('bold', `=== Release v${release.version}`),
        ...lines(release, config, Date.now()),
      )
    })
}

export function lines(release: Release, config: ConfigVars, now: number): string[] {
  const said = states(release).join(', ')
  const status = [said, release.reason].filter(Boolean).join(': ')
  return labelled(
    [
      ['Change', release.description],
      ...(status ? [['Status', status] as const] : []),
      ...(release.pin ? [['Pinned', `${release.pin.reason} (by ${release.pin.user.email})`] as const] : []),
      ['By', release.user.email],
      ['When', when(Date.parse(release.created_at), now)],
      ...(release.addon_plan_names.length > 0
        ? [['Addons', release.addon_plan_names.join(', ')] as const]
        : []),
      ['Config', ...arrows(config)],
    ],
    LABEL_WIDTH,
  )
}

function arrows(config: ConfigVars): string[] {
  const width = Math.max(0, ...Object.keys(config).map(name => name.length))
  return Object.entries(config).map(([name, value]) => `${name.padEnd(width)} => ${value}`)
}
