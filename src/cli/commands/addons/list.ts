import type { Command } from 'commander'
import type { Addon, Attachment } from '../../../client/shapes.ts'
import { stateOf } from '../../addon-release.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'
import { plainTable } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .option('-A, --all', 'of all apps you may see')
    .action(async (options: AppOptions & { all?: true; json?: true }) => {
      const { output } = session
      if (options.all) {
        const { client } = await session.platform()
        const addons = await client.addons.all()
        if (options.json) return output.json(addons)
        if (addons.length === 0) return output.note('There are no add-ons.')
        const rows = addons.map(addon => [addon.name, addon.app.name, addon.plan.name, stateOf(addon)])
        return output.print(...plainTable(['Add-on', 'App', 'Plan', 'State'], rows, output))
      }
      const { client, app } = await session.app(options)
      const [addons, attachments] = await Promise.all([
        client.addons.list(app),
        client.addons.attachments(app),
      ])
      if (options.json)
        return output.json(addons.map(addon => ({ ...addon, attachments: of(addon, attachments) })))
      if (addons.length === 0)
        return output.note(`${app} has no add-ons. See what there is with: tidemark addons:services`)
      const rows = addons.map(addon => [
        addon.name,
        addon.plan.name,
        stateOf(addon),
        linksOf(addon, attachments),
      ])
      output.print(...plainTable(['Add-on', 'Plan', 'State', 'Attached as'], rows, output))
      for (const { name, reason } of addons) if (reason) output.warn(`${name}: ${reason}`)
    })
}

function of(addon: Addon, attachments: readonly Attachment[]): Attachment[] {
  return attachments.filter(attachment => attachment.addon.id === addon.id)
}

function linksOf(addon: Addon, attachments: readonly Attachment[]): string {
  return (
    of(addon, attachments)
      .map(({ name }) => name)
      .join(', ') || '(nothing)'
  )
}
