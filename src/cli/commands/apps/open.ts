import { spawn } from 'node:child_process'
import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('[path]', 'a path within the app', '/')
    .action(async (path: string, options: AppOptions) => {
      const { client, app } = await session.app(options)
      const { web_url } = await client.apps.info(app)
      const url = new URL(path, web_url).href
      session.output.print(url)
      if (session.env.DISPLAY || session.env.WAYLAND_DISPLAY) browse(url)
    })
}

/** Whether there is a browser or not, the address has been printed. */
function browse(url: string): void {
  const browser = spawn('xdg-open', [url], { stdio: 'ignore', detached: true })
  browser.on('error', () => undefined)
  browser.unref()
}
