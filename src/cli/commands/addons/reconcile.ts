import type { Command } from 'commander'
import { newestOf } from '../../addon-release.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command))).action(
    async (options: AppOptions & { wait: boolean; json?: true }) => {
      const { client, app } = await session.app(options)
      const release = await makeRelease(session.output, {
        ...{ client, app, wait: options.wait },
        doing: `Taking what the add-ons of ${app} give today`,
        make: () => newestOf(client, app, () => client.addons.reconcile(app)),
      })
      if (options.json) session.output.json(release ?? null)
    },
  )
}
