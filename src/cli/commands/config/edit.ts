import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import type { ConfigVars } from '../../../client/shapes.ts'
import { appOptions, waitOption } from '../../app-options.ts'
import { changeConfig } from '../../change-config.ts'
import { configPatch, formatConfig, parseConfig } from '../../config-file.ts'
import { edit } from '../../editor.ts'
import { printable } from '../../output.ts'
import { ask } from '../../prompt.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  waitOption(appOptions(command))
    .option('-y, --yes', 'change without asking')
    .action(async (options: AppOptions & { wait: boolean; yes?: true }) => {
      const { client, app } = await session.app(options)
      const before = await client.config.get(app)
      const patch = configPatch(
        before,
        parseConfig(await edit(session.env, `${app}.env`, formatConfig(before))),
      )
      if (Object.keys(patch).length === 0) return session.output.note('No changes.')
      session.output.note(['Config diff:', ...difference(before, patch)].join('\n'))
      if (!options.yes && !/^y(es)?$/i.test(await ask(`Change the config vars of ${app}? [y/N] `))) {
        return session.output.note('Nothing was changed.')
      }
      if (!isDeepStrictEqual(await client.config.get(app), before)) {
        throw new Error(
          'The config vars were changed on the platform meanwhile; nothing was changed. Start again.',
        )
      }
      await changeConfig(session, { client, app, patch, doing: 'Setting config vars', wait: options.wait })
    })
}

function difference(before: ConfigVars, patch: Readonly<Record<string, string | null>>): string[] {
  return Object.entries(patch).flatMap(([name, value]) => [
    ...(Object.hasOwn(before, name) ? [`- ${name}=${printable(before[name] ?? '')}`] : []),
    ...(value === null ? [] : [`+ ${name}=${printable(value)}`]),
  ])
}
