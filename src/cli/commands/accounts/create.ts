import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import { readPiped } from '../../prompt.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command)
    .argument('<email>', 'their e-mail address')
    .option('--password-stdin', 'read their password from stdin; a first token is printed when left out')
    .action(async (email: string, options: { passwordStdin?: true; json?: true }) => {
      const { client } = await session.platform()
      const password = options.passwordStdin ? { password: await readPiped() } : {}
      const account = await client.accounts.create({ email, ...password })
      if (options.json) return session.output.json(account)
      session.output.note(`Created the account ${account.email}.`)
      if (account.token === undefined) return
      session.output.note(
        'They log in with: tidemark login --token-stdin\nThis is the only time the token is shown:',
      )
      session.output.print(account.token)
    })
}
