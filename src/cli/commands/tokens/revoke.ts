import type { Command } from 'commander'
import { progress } from '../../progress.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  command.argument('<id>', 'as tokens shows it').action(async (id: string) => {
    const { client } = await session.platform()
    await progress(session.output, `Revoking token ${id}`, { work: () => client.authorizations.revoke(id) })
  })
}
