import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import { UsageError } from '../../errors.ts'
import { progress } from '../../progress.ts'
import type { Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command)
    .argument('<manifest>', 'a file: the add-on manifest of the service, JSON')
    .action(async (file: string, options: { json?: true }) => {
      const manifest = await readManifest(file)
      const { client } = await session.platform()
      const service = await progress(session.output, `Registering ${file}`, {
        work: () => client.addons.register(manifest),
        outcome: ({ name }) => name,
      })
      if (options.json) return session.output.json(service)
      session.output.print(`Client secret: ${service.client_secret}`)
      session.output.note('The service exchanges its grants with it. It is shown this once.')
    })
}

async function readManifest(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file} cannot be read; expected an add-on manifest.`)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${file} is not JSON; expected an add-on manifest.`)
  }
}
