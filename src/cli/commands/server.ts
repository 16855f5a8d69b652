import type { Command } from 'commander'
import type { Session } from '../session.ts'

export function define(command: Command, _session: Session): void {
  command
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[options...]', 'see tidemark server --help')
    .action(async (argv: string[]) => {
      keepYoungGenerationSmall()
      const { main } = await import('../../server/main.ts')
      await main(argv)
    })
}

/** A server rests most of the time: 16 MB of room for new objects, node's default, are 20 MB of memory for nothing. */
const FLAG = '--max-semi-space-size=4'

/** Only node's command line can say so: the process becomes itself again, with the flag. */
function keepYoungGenerationSmall(): void {
  if (process.execArgv.includes(FLAG)) return
  const args = [FLAG, ...process.execArgv, ...process.argv.slice(1)]
  process.execve?.(process.execPath, [process.execPath, ...args], process.env)
}
