import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { plainTable } from '../../table.ts'
import { when } from '../../when.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command).action(async (options: { json?: true }) => {
    const { client } = await session.platform()
    const tokens = await client.authorizations.list()
    if (options.json) return session.output.json(tokens)
    const now = Date.now()
    const rows = tokens.map(({ id, description, created_at, access_token }) => {
      return [id, description, when(Date.parse(created_at), now), expiry(access_token.expires_in)]
    })
    session.output.print(...plainTable(['Token', 'Description', 'Made', 'Expires'], rows, session.output))
  })
}

function expiry(seconds: number | null): string {
  if (seconds === null) return 'never'
  const hours = Math.round(seconds / 3600)
  return hours < 48 ? `in ${hours} hour${hours === 1 ? '' : 's'}` : `in ${Math.round(hours / 24)} days`
}
