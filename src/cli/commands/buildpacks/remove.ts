import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { announce } from '../../buildpack-list.ts'
import { count } from '../../count.ts'
import { UsageError } from '../../errors.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('[buildpack]', 'as buildpacks shows it')
    .option('-i, --index <place>', 'the one at this place, from 1 on', count)
    .action(async (url: string | undefined, options: AppOptions & { index?: number }) => {
      if ((url === undefined) === (options.index === undefined)) {
        throw new UsageError('Name the buildpack to take away, or its place with --index.')
      }
      const { client, app } = await session.app(options)
      const urls = await client.buildpacks.list(app)
      const place = options.index === undefined ? urls.indexOf(url ?? '') : options.index - 1
      if (urls[place] === undefined)
        throw new UsageError(`${app} has no such buildpack. See: tidemark buildpacks`)
      announce(session.output, app, await client.buildpacks.set(app, urls.toSpliced(place, 1)))
    })
}
