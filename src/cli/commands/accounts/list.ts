import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { plainTable } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command).action(async (options: { json?: true }) => {
    const { client } = await session.platform()
    const accounts = await client.accounts.list()
    if (options.json) return session.output.json(accounts)
    const rows = accounts.map(account => [
      account.email,
      account.is_owner ? 'owner' : '',
      account.suspended_at ? 'disabled' : '',
    ])
    session.output.print(...plainTable(['Email', 'Role', 'State'], rows, session.output))
  })
}
