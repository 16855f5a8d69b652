import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { numbered } from '../../buildpack-list.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app } = await session.app(options)
    const urls = await client.buildpacks.list(app)
    if (options.json) return session.output.json(urls)
    if (urls.length === 0)
      return session.output.note(`${app} has no buildpacks set; each build finds out which fits.`)
    session.output.print(`=== ${app} Buildpack URLs`, ...numbered(urls))
  })
}
