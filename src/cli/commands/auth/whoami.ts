import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command).action(async (options: { json?: true }) => {
    const { client } = await session.platform()
    const account = await client.accounts.self()
    if (options.json) return session.output.json(account)
    session.output.print(account.email)
  })
}
