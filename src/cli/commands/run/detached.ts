import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'
import { quoted } from '../../shell-quote.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .passThroughOptions()
    .option('-s, --size <size>', 'the size of the dyno')
    .argument('<command...>', 'what to run; options after its first word are its own')
    .action(async (words: string[], options: AppOptions & { size?: string; json?: true }) => {
      const { client, app } = await session.app(options)
      const line = commandLine(words)
      const dyno = await progress(session.output, `Running ${line} on ${app}`, {
        work: () =>
          client.dynos.run(app, { command: line, ...(options.size !== undefined && { size: options.size }) }),
        outcome: started => started.name,
      })
      if (options.json) return session.output.json(dyno)
      session.output.note(`See what it says with: tidemark logs --app ${app} --dyno ${dyno.name}`)
    })
}

/** One word is a whole command line already; several are words that a shell must not split again. */
export function commandLine(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : words.map(quoted).join(' ')
}
