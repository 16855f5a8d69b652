import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { announce } from '../../buildpack-list.ts'
import { count } from '../../count.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('<buildpack>', 'a git URL, or a name like tidemark/nodejs')
    .option('-i, --index <place>', 'replace the one at this place, from 1 on', count, 1)
    .action(async (url: string, options: AppOptions & { index: number }) => {
      const { client, app } = await session.app(options)
      const urls = (await client.buildpacks.list(app)).toSpliced(options.index - 1, 1, url)
      announce(session.output, app, await client.buildpacks.set(app, urls))
    })
}
