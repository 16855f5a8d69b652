import type { Command } from 'commander'
import type { PlatformClient } from '../../../client/platform-client.ts'
import type { Build } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import { finishedBuild, streamBuild } from '../../build-output.ts'
import { makeRelease } from '../../make-release.ts'
import { progress } from '../../progress.ts'
import type { AppOptions, Session } from '../../session.ts'
import { uploadDirectory, uploadTarball } from '../../source.ts'

interface Options extends AppOptions {
  source?: string
  version?: string
  wait: boolean
  json?: true
}

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command))
    .argument('[directory]', 'what to build: in a git repository, what git would not ignore', '.')
    .option('--source <file or url>', 'a gzipped tarball, in place of a directory')
    .option('--version <label>', 'what the release is called, a commit hash say')
    .option('--no-wait', 'return at once, without waiting for the build and its release')
    .action(async (directory: string, options: Options) => {
      const { client, app } = await session.app(options)
      const url = await sourceUrl(session, { client, app, directory, source: options.source })
      const build = await client.builds.create(app, {
        url,
        ...(options.version && { version: options.version }),
      })
      if (!options.wait) return report(session, build, options)
      await streamBuild(client, {
        app,
        build,
        to: options.json ? session.output.stderr : session.output.stdout,
      })
      await finish(session, { client, app, build, options })
    })
}

function report(session: Session, build: Build, options: Options): void {
  if (options.json) session.output.json(build)
  else
    session.output.print(
      `Build ${build.id} is ${build.status}. Watch it with: tidemark builds:output ${build.id}`,
    )
}

interface Upload {
  client: PlatformClient
  app: string
  directory: string
  source: string | undefined
}

async function sourceUrl(session: Session, { client, app, directory, source }: Upload): Promise<string> {
  if (source !== undefined && /^https?:\/\//.test(source)) return source
  return progress(
    session.output,
    `Uploading ${source ?? (directory === '.' ? 'this directory' : directory)}`,
    {
      work: () =>
        source === undefined ? uploadDirectory(client, app, directory) : uploadTarball(client, app, source),
    },
  )
}

/** Waits for the build's end and for its release's. Throws when either fails. */
async function finish(
  session: Session,
  { client, app, build, options }: { client: PlatformClient; app: string; build: Build; options: Options },
): Promise<void> {
  const ended = await finishedBuild(client, app, build)
  if (!ended.release) return report(session, ended, options)
  const release = await client.releases.info(app, ended.release.id)
  const doing = `Releasing ${app}`
  const made = await makeRelease(session.output, {
    ...{ client, app, doing, wait: true },
    make: async () => release,
  })
  if (options.json) session.output.json({ ...ended, release: made })
}
