import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { type PackedFile, packFiles } from '../../../archive/pack-files.ts'
import { appOptions, jsonOption, waitOption } from '../../app-options.ts'
import { UsageError } from '../../errors.ts'
import { makeRelease } from '../../make-release.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'

interface Options extends AppOptions {
  commit?: string
  description?: string
  release: boolean
  wait: boolean
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(waitOption(appOptions(command)))
    .argument('<image>', 'a directory with an OCI image layout, or a tar of one')
    .option('--commit <hash>', 'the commit it was made of')
    .option('--description <text>', 'what the release is called')
    .option('--no-release', 'only send it; release it later')
    .action(async (file: string, options: Options) => {
      const { client, app } = await session.app(options)
      const { output } = session
      const { archive, size } = await open(file)
      const { id, blob } = await client.images.open(app, options.commit ? { commit: options.commit } : {})
      await progress(output, `Pushing ${file} to ${app}`, {
        work: () => client.images.upload(blob.url, archive, size),
      })
      const image = await client.images.info(app, id)
      if (!options.release) return options.json ? output.json(image) : output.print(image.id)
      const description = options.description ?? `Deploy ${options.commit ?? image.digest.slice(7, 19)}`
      const release = await makeRelease(output, {
        ...{ client, app, wait: options.wait, doing: `Releasing ${image.digest.slice(7, 19)} on ${app}` },
        make: () => client.releases.create(app, { oci_image: id, description }),
      })
      if (options.json) output.json(release ?? null)
    })
}

async function open(file: string): Promise<{ archive: Readable; size: number | null }> {
  const found = await stat(file).catch(() => {
    throw new UsageError(
      `${file} cannot be read; expected a directory with an OCI image layout, or a tar of one.`,
    )
  })
  if (!found.isDirectory()) return { archive: createReadStream(file), size: found.size }
  return { archive: Readable.from(packFiles(await layoutIn(file)), { objectMode: false }), size: null }
}

/** The files of an image layout: its index, and the blobs. */
async function layoutIn(directory: string): Promise<PackedFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Promise.all(
    paths.toSorted().map(async path => {
      const { size } = await stat(path)
      return { name: relative(directory, path), size, content: () => createReadStream(path) }
    }),
  )
}
