import type { Command } from 'commander'
import type { RetentionChange } from '../../../client/resources/retention.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { UsageError } from '../../errors.ts'
import { progress } from '../../progress.ts'
import { policyLines } from '../../retention-report.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('<settings...>', "days=14, releases=50, rule=all; days= takes the platform's again")
    .action(async (pairs: string[], options: AppOptions & { json?: true }) => {
      const change = parseRetention(pairs)
      const { client, app } = await session.app(options)
      const policy = await progress(session.output, `Changing the retention of ${app}`, {
        work: () => client.retention.set(app, change),
      })
      if (options.json) return session.output.json(policy)
      session.output.print(...policyLines(policy))
    })
}

export function parseRetention(pairs: readonly string[]): RetentionChange {
  return Object.fromEntries(pairs.map(parsePair))
}

function parsePair(pair: string): [name: string, value: number | string | null] {
  const [, name = '', value = ''] = /^(days|releases)=(-?\d{1,9}|)$|^(rule)=(any|all|)$/
    .exec(pair)
    ?.filter(part => part !== undefined) ?? ['']
  if (name === '') {
    throw new UsageError(
      `${JSON.stringify(pair)} is not a retention setting. Write days=14, releases=50, rule=any or rule=all; or days= to take the platform's again.`,
    )
  }
  if (value === '') return [name, null]
  return [name, name === 'rule' ? value : Number(value)]
}
