import type { Command } from 'commander'
import type { Dyno } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { printable } from '../../output.ts'
import type { AppOptions, Session } from '../../session.ts'
import { when } from '../../when.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app } = await session.app(options)
    const dynos = await client.dynos.list(app)
    if (options.json) return session.output.json(dynos)
    if (dynos.length === 0)
      return session.output.note(`${app} runs no dynos. Start some with: tidemark ps:scale web=1`)
    session.output.print(...lines(dynos, Date.now()).slice(1))
  })
}

/** A heading for each process type, with an empty line before it, and a line for each of its dynos. */
function lines(dynos: readonly Dyno[], now: number): string[] {
  const byType = Object.groupBy(dynos, dyno => `${dyno.type} (${dyno.size}): ${dyno.command}`)
  return Object.entries(byType).flatMap(([heading, ofType = []]) => [
    '',
    `=== ${printable(heading)} (${ofType.length})`,
    ...ofType
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
      .map(
        dyno =>
          `${dyno.name}: ${dyno.state} ${when(Date.parse(dyno.updated_at), now)} (v${dyno.release.version})`,
      ),
  ])
}
