import type { Command } from 'commander'
import type { RetentionPolicy, Sweep } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { policyLines, sweepLines } from '../../retention-report.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app } = await session.app(options)
    const policy: RetentionPolicy = await client.retention.policy(app)
    const sweep: Sweep = await client.retention.sweep(app, { isDryRun: true })
    if (options.json) return session.output.json({ ...policy, next_sweep: sweep })
    session.output.print(
      session.output.style('bold', `=== Retention of ${app}`),
      ...policyLines(policy),
      '',
      ...sweepLines(sweep, session.output),
    )
  })
}
