import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { browse } from '../../browser.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('[path]', 'a path within the app', '/')
    .action(async (path: string, options: AppOptions) => {
      const { client, app } = await session.app(options)
      const { web_url } = await client.apps.info(app)
      const url = new URL(path, web_url).href
      session.output.print(url)
      browse(url, session.env)
    })
}
