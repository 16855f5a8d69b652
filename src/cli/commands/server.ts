import type { Command } from 'commander'
import type { Session } from '../session.ts'

export function define(command: Command, _session: Session): void {
  command
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[options...]', 'see tidemark server --help')
    .action(async (argv: string[]) => {
      const { main } = await import('../../server/main.ts')
      await main(argv)
    })
}
