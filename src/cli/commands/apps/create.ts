import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import { isRepository, remotes } from '../../git.ts'
import { addRemote } from '../../git-remote.ts'
import { progress } from '../../progress.ts'
import type { Session } from '../../session.ts'

interface Options {
  remote: string | false
  stack?: string
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(command)
    .argument('[name]', 'its name; the platform finds one when left out')
    .option('-r, --remote <name>', 'the git remote to add', 'tidemark')
    .option('--no-remote', 'add no git remote')
    .option('-s, --stack <name>', 'what it runs on: container for an image of its own')
    .action(async (name: string | undefined, options: Options) => {
      const { client, ...platform } = await session.platform()
      const app = await progress(session.output, name ? `Creating ${name}` : 'Creating an app', {
        work: () =>
          client.apps.create({
            ...(name !== undefined && { name }),
            ...(options.stack !== undefined && { stack: options.stack }),
          }),
        outcome: made => (name ? '' : made.name),
      })
      if (options.json) session.output.json(app)
      else session.output.print(`${app.web_url} | ${app.git_url}`)
      const { remote } = options
      if (remote === false || !(await isRepository(session.cwd))) return
      if ((await remotes(session.cwd)).has(remote)) {
        return session.output.note(
          `The git remote ${remote} stays as it is. Point it at this app with: tidemark git:remote --app ${app.name}`,
        )
      }
      await addRemote({ cwd: session.cwd, name: remote, url: app.git_url, env: session.env, platform })
      session.output.note(`Added the git remote ${remote}. Deploy with: git push ${remote} main`)
    })
}
