import type { Command } from 'commander'
import type { Addon, Attachment } from '../../../client/shapes.ts'
import { chooseAddon } from '../../addon-choice.ts'
import { stateOf } from '../../addon-release.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'
import { labelled } from '../../table.ts'
import { when } from '../../when.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<addon>', 'its name, or what it is attached as')
    .action(async (name: string, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const addon = await chooseAddon(client, name, app)
      const attachments = await client.addons.attachmentsOf(addon)
      if (options.json) return session.output.json({ ...addon, attachments })
      session.output.print(
        session.output.style('bold', `=== ${addon.name}`),
        ...lines(addon, attachments, Date.now()),
      )
    })
}

function lines(addon: Addon, attachments: readonly Attachment[], now: number): string[] {
  const links = attachments.map(({ app, name }) => `${app.name}::${name}`).sort()
  return labelled([
    [
      'Plan',
      addon.wanted_plan ? `${addon.plan.name} (being changed to ${addon.wanted_plan})` : addon.plan.name,
    ],
    ['State', stateOf(addon)],
    ...(addon.reason ? [['Trouble', addon.reason] as const] : []),
    ...(addon.rotation === 'none' ? [] : [['Rotation', ROTATION[addon.rotation]] as const]),
    ['Belongs to', addon.app.name],
    ...(links.length > 0 ? [['Attached as', ...links] as const] : []),
    ...(addon.config_vars.length > 0 ? [['Config vars', addon.config_vars.join(', ')] as const] : []),
    ['Created', when(Date.parse(addon.created_at), now)],
  ])
}

const ROTATION = {
  gentle: 'under way: the old credentials hold until every app runs with the new ones',
  forced: 'under way',
}
