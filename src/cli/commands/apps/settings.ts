import type { Command } from 'commander'
import type { SettingsChange } from '../../../client/resources/apps.ts'
import type { App } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { UsageError } from '../../errors.ts'
import type { Output } from '../../output.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'
import { MEANINGS, settingValue } from '../../setting-meanings.ts'
import { plainTable } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[settings...]', "name=value to set, name= to take the platform's again; all are shown")
    .action(async (pairs: string[], options: AppOptions & { json?: true }) => {
      const change = Object.fromEntries(pairs.map(parsePair)) as SettingsChange
      const { client, app } = await session.app(options)
      const shown =
        pairs.length === 0
          ? await client.apps.info(app)
          : await progress(session.output, `Changing settings of ${app}`, {
              work: () => client.apps.update(app, { settings: change }),
            })
      if (options.json) return session.output.json({ settings: shown.settings, own: shown.own_settings })
      session.output.print(...lines(shown, session.output))
    })
}

function parsePair(pair: string): [name: string, value: number | null] {
  const [, name, value] = /^([a-z][a-z_]*)=(\d{0,9})$/.exec(pair) ?? []
  if (name === undefined || value === undefined) {
    throw new UsageError(
      `${JSON.stringify(pair)} is not a setting. Write name=value, for example boot_timeout=90, or boot_timeout= to take the platform's again.`,
    )
  }
  return [name, value === '' ? null : Number(value)]
}

function lines(
  { settings, own_settings: own }: Pick<App, 'settings' | 'own_settings'>,
  output: Output,
): string[] {
  const names = Object.keys(MEANINGS) as (keyof App['settings'])[]
  const rows = names.map(name => [
    name,
    settingValue(name, settings[name]),
    Object.hasOwn(own, name) ? 'app' : 'platform',
    MEANINGS[name].sentence,
  ])
  return plainTable(['Setting', 'Value', 'Set by', 'Meaning'], rows, output)
}
