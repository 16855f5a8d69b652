import type { Command } from 'commander'
import type { FormationUpdate } from '../../../client/resources/formations.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { UsageError } from '../../errors.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[changes...]', 'like web=2, worker+1, worker-1 or web=2:Standard-1X; what is, when left out')
    .action(async (changes: string[], options: AppOptions & { json?: true }) => {
      const updates = changes.map(parseUpdate)
      const { client, app } = await session.app(options)
      if (updates.length === 0) {
        const formation = await client.formations.list(app)
        if (options.json) return session.output.json(formation)
        if (formation.length === 0)
          return session.output.note(`${app} has no process types yet. Deploy it first.`)
        return session.output.print(formation.map(row => `${row.type}=${row.quantity}:${row.size}`).join(' '))
      }
      const formation = await progress(session.output, 'Scaling dynos', {
        work: () => client.formations.update(app, updates),
        outcome: rows => {
          const changed = rows.filter(row => updates.some(update => update.type === row.type))
          return `now running ${changed.map(row => `${row.type} at ${row.quantity}:${row.size}`).join(', ')}`
        },
      })
      if (options.json) session.output.json(formation)
    })
}

export function parseUpdate(text: string): FormationUpdate {
  const [, type, sign, number, size] = /^([\w-]+?)([=+-])(\d+)(?::([\w-]+))?$/.exec(text) ?? []
  if (type === undefined || number === undefined) {
    throw new UsageError(
      `${JSON.stringify(text)} is no change of a formation. Write it like web=2, worker+1 or web=2:Standard-1X`,
    )
  }
  return { type, quantity: sign === '=' ? number : `${sign}${number}`, ...(size !== undefined && { size }) }
}
