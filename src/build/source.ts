import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { decompress } from '../archive/decompress.ts'
import { extractTar } from '../archive/extract.ts'
import { ArchiveFault } from '../archive/inside.ts'
import { BuildFailure } from './builder.ts'
import { cleanSource } from './clean-source.ts'
import { git } from './git.ts'

/** What a source archive may hold: more than any app needs, less than what fills a disk. */
export const SOURCE_LIMITS = { entries: 100_000, bytes: 2_000_000_000 }

/**
 * Unpacks an uploaded source tarball (plain, gzip or zstd) into a new directory and cleans it. A single directory around
 * everything is taken away, as GitHub's tarballs have. Returns what the person pushing should know, in sentences.
 * Throws {@link BuildFailure} for an archive that is damaged, too large, or reaches out of its tree.
 */
export async function extractSource(
  archive: string,
  into: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await mkdir(into)
  try {
    const file = createReadStream(archive, { highWaterMark: 256 * 1024 })
    const { through } = await decompress(file)
    const unpacking = extractTar(through, { into, limits: SOURCE_LIMITS, checkLinks: true, signal })
    await Promise.all([settled(pipeline(file, through)), unpacking])
  } catch (error) {
    if (error instanceof ArchiveFault)
      throw new BuildFailure(`The source archive cannot be used. ${error.message}`, { cause: error })
    throw error
  }
  await stripTopDirectory(into)
  return cleanSource(into)
}

export interface Export {
  /** The bare repository. */
  repository: string
  /** Full hash of the commit. */
  commit: string
  /** Directory to make. */
  into: string
  /** Git's own variables: where a hook's new objects are in quarantine. */
  environment: Readonly<Record<string, string>>
}

/**
 * Checks a commit of a bare repository out into a new directory and cleans it. Returns what the person pushing should
 * know, in sentences. The repository is left as it was: the index is a file of our own.
 */
export async function exportCommit(
  { repository, commit, into, environment }: Export,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await mkdir(into)
  const index = `${into}.index`
  const run = (args: readonly string[]) =>
    git(args, {
      environment: { ...environment, GIT_DIR: repository, GIT_WORK_TREE: into, GIT_INDEX_FILE: index },
      directory: into,
      signal,
    })
  await run(['read-tree', `${commit}^{tree}`])
  await run(['checkout-index', '--all', '--force', '--quiet'])
  await rm(index, { force: true })
  return cleanSource(into)
}

/** Ends with the reader of the other end, which tells what went wrong. */
async function settled(work: Promise<void>): Promise<void> {
  await work.catch(() => {})
}

async function stripTopDirectory(directory: string): Promise<void> {
  const [only, ...others] = await readdir(directory, { withFileTypes: true })
  if (!only?.isDirectory() || others.length > 0) return
  const aside = `${directory}.top`
  await rename(join(directory, only.name), aside)
  await rmdir(directory)
  await rename(aside, directory)
}
