import type { Command } from 'commander'
import { appsByRemote } from '../../app-choice.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { git, remotes } from '../../git.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<name>', 'the new name')
    .action(async (name: string, options: AppOptions & { json?: true }) => {
      const { client, app, platform } = await session.app(options)
      const renamed = await progress(session.output, `Renaming ${app} to ${name}`, {
        work: () => client.apps.update(app, { name }),
      })
      if (options.json) session.output.json(renamed)
      else session.output.print(`${renamed.web_url} | ${renamed.git_url}`)
      for (const [remote, named] of appsByRemote(await remotes(session.cwd), platform)) {
        if (named !== app) continue
        await git(session.cwd, 'remote', 'set-url', remote, renamed.git_url)
        session.output.note(`The git remote ${remote} points at the new name.`)
      }
    })
}
