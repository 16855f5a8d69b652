import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { announce } from '../../buildpack-list.ts'
import { count } from '../../count.ts'
import { UsageError } from '../../errors.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('<buildpack>', 'a git URL, or a name like tidemark/nodejs')
    .option('-i, --index <place>', 'put it at this place, from 1 on; the last when left out', count)
    .action(async (url: string, options: AppOptions & { index?: number }) => {
      const { client, app } = await session.app(options)
      const urls = await client.buildpacks.list(app)
      if (urls.includes(url)) throw new UsageError(`The buildpack ${url} is set on ${app} already.`)
      const place = options.index === undefined ? urls.length : options.index - 1
      announce(session.output, app, await client.buildpacks.set(app, urls.toSpliced(place, 0, url)))
    })
}
