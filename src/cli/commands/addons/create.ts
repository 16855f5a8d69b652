import type { Command } from 'commander'
import type { Addon } from '../../../client/shapes.ts'
import { newestOf } from '../../addon-release.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { confirming } from '../../confirmation.ts'
import { UsageError } from '../../errors.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'
import { whenProvisioned } from './wait.ts'

interface Options extends AppOptions {
  as?: string
  name?: string
  confirm?: string
  wait: boolean
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<service>', 'like postgresql or postgresql:essential-1; see addons:services')
    .argument('[options...]', 'for its provider, after a --: like -- --version 16')
    .option('--as <name>', 'what it is attached as, like LEDGER')
    .option('--name <name>', 'what it is called')
    .option('--confirm <app>', 'the name of the app, to replace an attachment or config vars that are there')
    .action(async (plan: string, words: string[], options: Options) => {
      const { as, name } = options
      await createAddon(session, options, { plan, as, name, config: parseOptions(words) })
    })
}

/** Creates an add-on, waits for its release, and says how it went. */
export async function createAddon(
  session: Session,
  options: AppOptions & { confirm?: string; wait: boolean; json?: true },
  draft: {
    plan: string
    as?: string | undefined
    name?: string | undefined
    backup?: string
    config?: Record<string, string | boolean>
  },
): Promise<void> {
  const { client, app } = await session.app(options)
  const { output } = session
  let addon: Addon | undefined
  await confirming(output, { app, confirm: options.confirm }, confirm =>
    makeRelease(output, {
      ...{ client, app, wait: options.wait, doing: `Creating ${draft.plan} on ${app}` },
      otherwise: 'being created',
      make: () =>
        newestOf(client, app, async () => {
          addon = await client.addons.create(app, { ...draft, confirm })
          if (options.wait) addon = await whenProvisioned(client, addon)
        }),
    }),
  )
  if (!addon) throw new Error('The platform answered without an add-on.')
  if (options.json) return output.json(addon)
  if (addon.provision_message) output.print(addon.provision_message)
  if (addon.state === 'provisioning')
    return output.print(
      `${addon.name} is being created. The app restarts when it is there: tidemark addons:wait ${addon.name}`,
    )
  output.print(
    `Created ${addon.name}${addon.config_vars.length > 0 ? ` as ${addon.config_vars.join(', ')}` : ''}`,
  )
}

function parseOptions(words: readonly string[]): Record<string, string | boolean> {
  const parsed: Record<string, string | boolean> = {}
  for (let index = 0; index < words.length; index++) {
    const [, key, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(words[index] ?? '') ?? []
    if (key === undefined)
      throw new UsageError(
        `${JSON.stringify(words[index])} is not an option of a provider. Write -- --name value.`,
      )
    const next = words[index + 1]
    const hasValue = inline === undefined && next !== undefined && !next.startsWith('--')
    parsed[key] = inline ?? (hasValue ? next : true)
    if (hasValue) index++
  }
  return parsed
}
