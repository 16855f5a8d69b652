import type { Command } from 'commander'
import { appOptions, jsonOption } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import { sweepLines } from '../../retention-report.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .option('--dry-run', 'say what would be destroyed, and destroy nothing')
    .action(async (options: AppOptions & { dryRun?: true; json?: true }) => {
      const { client, app } = await session.app(options)
      const isDryRun = options.dryRun === true
      const work = () => client.retention.sweep(app, { isDryRun })
      const sweep = isDryRun ? await work() : await progress(session.output, `Sweeping ${app}`, { work })
      if (options.json) return session.output.json(sweep)
      session.output.print(...sweepLines(sweep, session.output))
    })
}
