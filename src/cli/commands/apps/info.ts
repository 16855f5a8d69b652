import type { Command } from 'commander'
import type { App, Collaborator, Formation } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'
import { labelled } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app: name } = await session.app(options)
    const [app, formation, collaborators] = await Promise.all([
      client.apps.info(name),
      client.formations.list(name),
      client.collaborators.list(name),
    ])
    if (options.json) return session.output.json({ ...app, formation, collaborators })
    session.output.print(
      session.output.style('bold', `=== ${app.name}`),
      ...lines(app, formation, collaborators),
    )
  })
}

function lines(app: App, formation: readonly Formation[], collaborators: readonly Collaborator[]): string[] {
  const dynos = formation.filter(row => row.quantity > 0).map(row => `${row.type}: ${row.quantity}`)
  const others = collaborators.map(({ user }) => user.email).filter(email => email !== app.owner.email)
  return labelled([
    ...(others.length > 0 ? [['Collaborators', ...others] as const] : []),
    ...(dynos.length > 0 ? [['Dynos', dynos.join(', ')] as const] : []),
    ['Git URL', app.git_url],
    ...(app.maintenance ? [['Maintenance', 'on'] as const] : []),
    ['Owner', app.owner.email],
    ['Repo Size', size(app.repo_size)],
    ['Slug Size', size(app.slug_size)],
    ['Stack', app.stack.name],
    ['Web URL', app.web_url],
  ])
}

function size(bytes: number | null): string {
  const megabytes = (bytes ?? 0) / 1_000_000
  return megabytes >= 1 ? `${megabytes.toFixed(1)} MB` : `${Math.ceil(megabytes * 1000)} kB`
}
