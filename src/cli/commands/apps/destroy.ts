import type { Command } from 'commander'
import { appsByRemote } from '../../app-choice.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { UsageError } from '../../errors.ts'
import { git, remotes } from '../../git.ts'
import { progress } from '../../progress.ts'
import { ask } from '../../prompt.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[app]', 'its name; like --app')
    .option('--confirm <name>', 'its name again, instead of being asked')
    .action(async (name: string | undefined, options: AppOptions & { confirm?: string; json?: true }) => {
      const { client, app, platform } = await session.app(
        name === undefined ? options : { ...options, app: name },
      )
      const { name: real } = await client.apps.info(app)
      await confirm(session, real, options.confirm)
      const destroyed = await progress(session.output, `Destroying ${real}`, {
        work: () => client.apps.destroy(real),
      })
      if (options.json) session.output.json(destroyed)
      for (const [remote, named] of appsByRemote(await remotes(session.cwd), platform)) {
        if (named === real) await git(session.cwd, 'remote', 'remove', remote)
      }
    })
}

async function confirm(session: Session, app: string, given: string | undefined): Promise<void> {
  if (given === undefined) {
    session.output.warn(
      `This destroys ${app} with its code, its config vars and every artifact. It cannot be undone.`,
    )
  }
  const answer = given ?? (await ask(`To destroy it, type its name, ${app}: `))
  if (answer !== app) throw new UsageError(`${JSON.stringify(answer)} is not ${app}; nothing was destroyed.`)
}
