import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { isRepository } from '../../git.ts'
import { addRemote } from '../../git-remote.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command).action(async (options: AppOptions) => {
    // Here --remote names the remote to make, so it says nothing about the app.
    const { client, app, platform } = await session.app(options.app === undefined ? {} : { app: options.app })
    if (!(await isRepository(session.cwd))) {
      throw new Error('This directory is not a git repository. Make it one with: git init')
    }
    const { git_url } = await client.apps.info(app)
    const name = options.remote ?? 'tidemark'
    const url = await addRemote({ cwd: session.cwd, name, url: git_url, env: session.env, platform })
    session.output.print(`set git remote ${name} to ${url}`)
  })
}
