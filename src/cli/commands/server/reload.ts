import { resolve } from 'node:path'
import type { Command } from 'commander'
import { dataDirectory } from '../../endpoints.ts'
import { UsageError } from '../../errors.ts'
import { progress } from '../../progress.ts'
import { reloadServer } from '../../reload-server.ts'
import { serverProcess } from '../../server-process.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, { env, output }: Session): void {
  command
    .option('--data-dir <directory>', 'the data directory of the server')
    .action(async ({ dataDir }: { dataDir?: string }) => {
      const directory = resolve(dataDir ?? dataDirectory(env))
      const pid = await serverProcess(directory)
      if (pid === undefined)
        throw new UsageError(`No server runs on ${directory}. Start one with: tidemark server`)
      await progress(output, 'Reloading the server', { work: () => reloadServer(directory, pid) })
    })
}
