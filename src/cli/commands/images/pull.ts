import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { appOptions } from '../../app-options.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

export function define(command: Command, session: Session): void {
  appOptions(command)
    .argument('[release]', 'like v40; the current one when left out')
    .option('-o, --output <file>', 'where to; else APP-vN.tar')
    .action(async (name: string | undefined, options: AppOptions & { output?: string }) => {
      const { client, app } = await session.app(options)
      const { releases, images } = client
      const release =
        name === undefined
          ? await releases.find(app, ({ current }) => current)
          : await releases.info(app, name)
      const [artifact] = release?.artifacts ?? []
      if (!release || !artifact) throw new Error(`${app} has no code to pull: nothing had been deployed yet.`)
      const file = options.output ?? `${app}-v${release.version}.tar`
      const image = await images.info(app, artifact.id)
      await progress(session.output, `Pulling v${release.version} of ${app} to ${file}`, {
        work: async () => save(await images.download(image.blob.url), file),
      })
    })
}

/** There is a whole file afterwards, or none. */
async function save(archive: NodeJS.ReadableStream, file: string): Promise<void> {
  const part = `${file}.part`
  try {
    await pipeline(archive, createWriteStream(part))
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}
