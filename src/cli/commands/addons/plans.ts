import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { plainTable } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command)
    .argument('<service>', 'like postgresql; see addons:services')
    .action(async (service: string, options: { json?: true }) => {
      const { client } = await session.platform()
      const plans = await client.addons.plans(service)
      if (options.json) return session.output.json(plans)
      const rows = plans.map(plan => [plan.default ? `${plan.name} (default)` : plan.name, plan.description])
      session.output.print(...plainTable(['Plan', 'What it is'], rows, session.output))
    })
}
