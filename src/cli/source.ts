import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PlatformClient } from '../client/platform-client.ts'

/** Hands a gzipped tarball to the platform and answers the URL that a build takes it from. */
export async function uploadTarball(client: PlatformClient, app: string, file: string): Promise<string> {
  const { size } = await lstat(file).catch(cause => {
    throw new Error(`There is no file ${file}. Name a gzipped tarball, or its URL.`, { cause })
  })
  return client.builds.upload(app, createReadStream(file), size)
}

/** Packs a directory and uploads it. In a git repository that is what git tracks or would, in another all there is. */
export async function uploadDirectory(
  client: PlatformClient,
  app: string,
  directory: string,
): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'tidemark-source-'))
  const tarball = join(work, 'source.tgz')
  try {
    await pack(directory, tarball)
    return await uploadTarball(client, app, tarball)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function pack(directory: string, tarball: string): Promise<void> {
  const listed = await gitFiles(directory)
  const what = listed ? ['--null', '--no-recursion', '--files-from=-'] : ['--exclude=./.git', '.']
  const tar = spawn('tar', ['--create', '--gzip', `--file=${tarball}`, `--directory=${directory}`, ...what], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const said: Buffer[] = []
  tar.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  tar.stdin.on('error', () => undefined)
  tar.stdin.end(listed?.join('\0') ?? '')
  const [status] = (await once(tar, 'close')) as [number | null]
  if (status !== 0)
    throw new Error(`${directory} could not be packed: ${Buffer.concat(said).toString('utf8').trim()}`)
}

/** What git tracks, or would if asked to add everything; undefined outside of a repository. */
async function gitFiles(directory: string): Promise<string[] | undefined> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: directory,
      maxBuffer: 256 * 1024 * 1024,
    })
    const files = stdout.split('\0').filter(file => file !== '')
    const present = await Promise.all(files.map(file => lstat(join(directory, file)).catch(() => undefined)))
    return files.filter((_, index) => present[index]?.isFile() || present[index]?.isSymbolicLink())
  } catch {
    return undefined
  }
}
