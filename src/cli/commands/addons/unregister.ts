import type { Command } from 'commander'
import { progress } from '../../progress.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  command.argument('<service>', 'the id of its manifest').action(async (service: string) => {
    const { client } = await session.platform()
    await progress(session.output, `Ending the offer of ${service}`, {
      work: () => client.addons.unregister(service),
    })
  })
}
