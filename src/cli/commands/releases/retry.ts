import type { Command } from 'commander'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { makeRelease } from '../../make-release.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('[release]', 'like v40; the newest when left out')
    .action(async (name: string | undefined, options: AppOptions & { wait: boolean; json?: true }) => {
      const { client, app } = await session.app(options)
      const { releases } = client
      const release = name === undefined ? await releases.newest(app) : await releases.info(app, name)
      const { version, artifacts, description } = release
      const [artifact] = artifacts
      if (!artifact) throw new Error(`v${version} has no code to run again: nothing had been deployed yet.`)
      const made = await makeRelease(session.output, {
        ...{ client, app, wait: options.wait },
        doing: `Retrying v${version} of ${app}`,
        make: () =>
          releases.create(app, { slug: artifact.id, description: `Retry of v${version}: ${description}` }),
      })
      if (options.json) session.output.json(made ?? null)
    })
}
