import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { namedBuild } from '../../named-build.ts'
import type { AppOptions, Session } from '../../session.ts'
import { labelled } from '../../table.ts'
import { when } from '../../when.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[build]', 'its id; the newest when left out')
    .action(async (id: string | undefined, options: AppOptions & { json?: true }) => {
      const { client, app } = await session.app(options)
      const build = await namedBuild(client, app, id)
      if (options.json) return session.output.json(build)
      const release = build.release && (await client.releases.info(app, build.release.id))
      const rows = labelled([
        ['Status', build.reason ? `${build.status}: ${build.reason}` : build.status],
        ['By', build.user.email],
        ['When', when(Date.parse(build.created_at), Date.now())],
        ...(build.source_blob.version ? [['Version', build.source_blob.version] as const] : []),
        ...(release ? [['Release', `v${release.version}`] as const] : []),
      ])
      session.output.print(session.output.style('bold', `=== Build ${build.id}`), ...rows)
    })
}
