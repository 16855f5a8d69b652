import type { Command } from 'commander'
import { progress } from '../../progress.ts'
import { askSecret, readPiped } from '../../prompt.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  command
    .argument('<email>', 'whose')
    .option('--password-stdin', 'read the password from stdin')
    .action(async (email: string, options: { passwordStdin?: true }) => {
      const { client } = await session.platform()
      const password = options.passwordStdin ? await readPiped() : await askSecret('New password: ')
      await progress(session.output, `Setting the password of ${email}; its tokens are revoked`, {
        work: () => client.accounts.setPassword(email, password),
      })
    })
}
