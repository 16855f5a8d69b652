import type { Command } from 'commander'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'
import { createAddon } from './create.ts'

interface Options extends AppOptions {
  as?: string
  name?: string
  confirm?: string
  wait: boolean
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<addon>', 'the name of an add-on that was destroyed; see addons:backups')
    .option('--as <name>', 'what it is attached as')
    .option('--name <name>', 'what the new one is called')
    .option('--confirm <app>', 'the name of the app, to replace an attachment or config vars that are there')
    .action(async (name: string, options: Options) => {
      const { client } = await session.platform()
      const backups = await client.addons.backups()
      const backup = backups.find(({ addon, id }) => addon.name === name || addon.id === name || id === name)
      if (!backup) throw new Error(`Nothing is kept of an add-on ${name}. See: tidemark addons:backups`)
      const { as, name: wanted } = options
      await createAddon(session, options, { plan: backup.plan.name, as, name: wanted, backup: backup.id })
    })
}
