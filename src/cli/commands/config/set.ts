import type { Command } from 'commander'
import type { ConfigVars } from '../../../client/shapes.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { changeConfig } from '../../change-config.ts'
import { UsageError } from '../../errors.ts'
import type { AppOptions, Session } from '../../session.ts'
import { labelled } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<pairs...>', 'NAME=value, any number of them')
    .action(async (pairs: string[], options: AppOptions & { wait: boolean; json?: true }) => {
      const patch = parsePairs(pairs)
      const { client, app } = await session.app(options)
      const doing = `Setting ${Object.keys(patch).join(', ')}`
      const release = await changeConfig(session, { client, app, patch, doing, wait: options.wait })
      if (options.json) return session.output.json(release ?? null)
      session.output.print(...labelled(Object.entries(patch)))
    })
}

export function parsePairs(pairs: readonly string[]): ConfigVars {
  return Object.fromEntries(pairs.map(parsePair))
}

/** The value may be secret, so that a sentence about it does not show it. */
function parsePair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  if (at <= 0) {
    throw new UsageError(
      'A config var is set as NAME=value, with quotes around it where the value has blanks: "GREETING=good morning"',
    )
  }
  return [pair.slice(0, at), pair.slice(at + 1)]
}
