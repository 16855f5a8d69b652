import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'
import { plainTable } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app } = await session.app(options)
    const [{ owner }, collaborators] = await Promise.all([
      client.apps.info(app),
      client.collaborators.list(app),
    ])
    if (options.json) return session.output.json(collaborators)
    const others = collaborators.filter(({ user }) => user.email !== owner.email)
    const rows = [
      [owner.email, 'owner'],
      ...others.map(({ user, role }) => [user.email, role ?? 'collaborator']),
    ]
    session.output.print(...plainTable(['Email', 'Role'], rows, session.output))
  })
}
