import type { Command } from 'commander'
import { platformAt } from '../../platform.ts'
import { readPiped } from '../../prompt.ts'
import type { Session } from '../../session.ts'

interface Options {
  host: string
  platform: string
  dataDir?: string
}

/** git's credential helper protocol: it asks on stdin with `protocol=` and `host=` lines. */
export function define(command: Command, session: Session): void {
  command
    .argument('<operation>', "git's word: get, store or erase")
    .requiredOption('--host <origin>', 'the only origin of git remotes that is answered for')
    .requiredOption('--platform <url>', 'the platform whose token it is')
    .option('--data-dir <directory>', 'the data directory of the server on this machine')
    .action(async (operation: string, options: Options) => {
      if (operation !== 'get') return
      const asked = new Map((await readPiped()).split('\n').map(line => halves(line)))
      if (`${asked.get('protocol')}://${asked.get('host')}` !== options.host) return
      const env = options.dataDir ? { ...session.env, TIDEMARK_DATA_DIR: options.dataDir } : session.env
      const { token } = await platformAt(env, options.platform)
      if (token) session.output.print('username=tidemark', `password=${token}`)
    })
}

function halves(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}
