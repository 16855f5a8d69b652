import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { BuildFailure } from '../build/builder.ts'
import { exportCommit, extractSource } from '../build/source.ts'
import type { MakeSource } from '../build/worker.ts'
import type { Build } from '../core/build.ts'
import { gitEnvironment } from '../git/environment.ts'

const run = promisify(execFile)
const DOWNLOAD_LIMIT = 500_000_000
const DOWNLOAD_TIMEOUT = 300_000

/** Source of a pushed commit, its objects possibly still in git's quarantine. */
export function commitSource(source: {
  repository: string
  commit: string
  environment: Readonly<Record<string, string>>
}): MakeSource {
  return (into, signal) => exportCommit({ ...source, into }, signal)
}

/** First line of a commit's message; null when it cannot be read. */
export async function commitSubject(
  repository: string,
  commit: string,
  environment: Readonly<Record<string, string>>,
): Promise<string | null> {
  const args = ['--git-dir', repository, 'log', '--no-walk', '--format=%s', commit]
  return run('git', args, { env: { ...gitEnvironment(), ...environment } }).then(
    ({ stdout }) => stdout.trim().slice(0, 200),
    () => null,
  )
}

/** Source of a build that came through the API: an uploaded tarball, or one to be fetched. */
export function uploadedSource(build: Build, sourcesDirectory: string): MakeSource {
  return async (into, signal) => {
    const { source } = build
    if (source.kind === 'git') throw new BuildFailure('A build of a commit starts with a git push.')
    if (source.kind === 'url') return fetchedSource(source, into, signal)
    const archive = join(sourcesDirectory, source.sourceId)
    await access(archive).catch(() => {
      throw new BuildFailure(
        'The source was never uploaded. PUT the tarball to put_url first, then create the build.',
      )
    })
    return extractSource(archive, into, signal)
  }
}

async function fetchedSource(
  source: { url: string; checksum?: string },
  into: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const archive = `${into}.tgz`
  try {
    const found = await download(
      source.url,
      archive,
      AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT)]),
    )
    if (source.checksum !== undefined && source.checksum !== found) {
      throw new BuildFailure(
        `The source has the checksum ${found}, not ${source.checksum}. It was changed on the way, or the checksum is of another file.`,
      )
    }
    return await extractSource(archive, into, signal)
  } finally {
    await rm(archive, { force: true })
  }
}

/** Fetches `url` into `file`. Returns its checksum, `SHA256:` and 64 hex digits. */
async function download(url: string, file: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal }).catch(cause => {
    throw new BuildFailure(`The source could not be fetched: ${(cause as Error).message}.`, { cause })
  })
  if (!response.ok || !response.body)
    throw new BuildFailure(`The source could not be fetched: its server answered ${response.status}.`)
  let bytes = 0
  const hash = createHash('sha256')
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      hash.update(chunk)
      if (bytes > DOWNLOAD_LIMIT)
        done(new BuildFailure(`The source is larger than ${DOWNLOAD_LIMIT / 1e6} MB.`))
      else done(null, chunk)
    },
  })
  await pipeline(Readable.fromWeb(response.body as never), limit, createWriteStream(file), { signal })
  return `SHA256:${hash.digest('hex')}`
}
