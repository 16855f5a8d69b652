import { execFile } from 'node:child_process'
import { access, constants, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** `pg_dump` and `pg_restore` of one version. */
export interface ClientPrograms {
  dump: string
  restore: string
  major: number
}

const DEBIAN = '/usr/lib/postgresql'
const LIMIT = 10_000

/** Where the programs may be: where Debian keeps each version, then the path. */
export async function usualDirectories(): Promise<string[]> {
  const versions = await readdir(DEBIAN).catch(() => [])
  const path = (process.env.PATH ?? '').split(delimiter).filter(directory => directory !== '')
  return [...versions.map(version => join(DEBIAN, version, 'bin')), ...path]
}

/** The oldest programs in `directories` that understand a server of version `major`; undefined when there are none. */
export async function findClientPrograms(
  directories: readonly string[],
  major: number,
): Promise<ClientPrograms | undefined> {
  const found = await Promise.all(directories.map(programsIn))
  return found
    .filter(programs => programs !== undefined)
    .filter(programs => programs.major >= major)
    .sort((a, b) => a.major - b.major)[0]
}

async function programsIn(directory: string): Promise<ClientPrograms | undefined> {
  const [dump, restore] = [join(directory, 'pg_dump'), join(directory, 'pg_restore')]
  try {
    for (const program of [dump, restore]) await access(program, constants.X_OK)
    const { stdout } = await promisify(execFile)(dump, ['--version'], { timeout: LIMIT })
    const [, major] = /\(PostgreSQL\) (\d+)/.exec(stdout) ?? []
    return major === undefined ? undefined : { dump, restore, major: Number(major) }
  } catch {
    return undefined
  }
}
