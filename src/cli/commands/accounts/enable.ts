import type { Command } from 'commander'
import { progress } from '../../progress.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  command.argument('<email>', 'their e-mail address').action(async (email: string) => {
    const { client } = await session.platform()
    await progress(session.output, `Enabling the account ${email}`, {
      work: () => client.accounts.enable(email),
    })
  })
}
