import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import { count } from '../../count.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command)
    .option('-d, --description <text>', 'what it is for', 'Made by the tidemark command line')
    .option('--days <count>', 'how long it is valid; for ever when left out', count)
    .action(async (options: { description: string; days?: number; json?: true }) => {
      const { client } = await session.platform()
      const expiresIn = options.days === undefined ? null : options.days * 86_400
      const made = await client.authorizations.create({ description: options.description, expiresIn })
      if (options.json) return session.output.json(made)
      session.output.note('This is the only time it is shown:')
      session.output.print(made.access_token.token ?? '')
    })
}
