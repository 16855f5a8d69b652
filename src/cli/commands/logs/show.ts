import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { count } from '../../count.ts'
import type { AppOptions, Session } from '../../session.ts'

interface Options extends AppOptions {
  num: number
  tail?: true
  source?: string
  dyno?: string
  processType?: string
}

export function define(command: Command, session: Session): void {
  appOptions(command)
    .option('-n, --num <count>', 'how many lines to begin with', count, 100)
    .option('-t, --tail', 'go on with the lines to come, until Ctrl-C')
    .option('-s, --source <source>', 'only what app or heroku (the platform itself) says')
    .option('-d, --dyno <dyno>', 'only one dyno, like web.1, or router or api')
    .option('-p, --process-type <type>', 'only one process type, like web')
    .action(async ({ num, tail, source, dyno, processType, ...options }: Options) => {
      const { client, app } = await session.app(options)
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      const which = dyno ?? processType
      const query = {
        lines: num,
        tail: tail ?? false,
        ...(source && { source }),
        ...(which && { dyno: which }),
      }
      for await (const line of client.logs.read(app, query, stop.signal)) session.output.print(line)
    })
}
