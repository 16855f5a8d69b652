import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { type ChoiceOptions, choice, choiceOptions, spokenChoice } from '../../dyno-choice.ts'
import { UsageError } from '../../errors.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  choiceOptions(appOptions(command)).action(
    async (name: string | undefined, options: AppOptions & ChoiceOptions) => {
      const chosen = choice(name, options)
      if (!chosen) throw new UsageError('Stop what? Name a dyno, like web.1, or a process type, like web.')
      const { client, app } = await session.app(options)
      await progress(session.output, `Stopping ${spokenChoice(chosen)} on ${app}`, {
        work: () => client.dynos.stop(app, chosen),
      })
    },
  )
}
