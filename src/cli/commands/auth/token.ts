import type { Command } from 'commander'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  command.action(async () => {
    const { token } = await session.platform()
    session.output.print(token)
  })
}
