import { mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { moveDurably } from '../../../files/durable.ts'
import { unlessMissing } from '../../../files/missing.ts'
import { ProviderRefusal } from '../../provider.ts'
import type { ClientPrograms } from './client-programs.ts'
import { ClientFailure, runClient } from './client-run.ts'
import type { Names } from './names.ts'
import type { ServerUrl } from './server-url.ts'

/** One database in a file, in pg_dump's own format. */
export interface DumpFile {
  path: string
  size: number
}

/** Where the dump of a backup is. */
export function dumpPath(directory: string, backupId: string): string {
  return join(directory, `${backupId}.dump`)
}

/** The dump at `path`; undefined when there is none. */
export async function dumpAt(path: string): Promise<DumpFile | undefined> {
  const stats = await unlessMissing(stat(path))
  return stats && { path, size: stats.size }
}

/** Writes everything in a database to `path`: all of it or no such file. */
export async function writeDump(
  path: string,
  { programs, url, database }: { programs: ClientPrograms; url: ServerUrl; database: string },
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.new`
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', 0o600)
  try {
    const run = { program: programs.dump, args: ['--format=custom', '--no-password'], url, database }
    await runClient(run, signal, output => file.writeFile(output, { signal }))
    await file.sync()
    await file.close()
    await moveDurably(draft, path)
  } catch (error) {
    await file.close()
    await rm(draft, { force: true })
    throw error
  }
}

/** Puts what is in a dump into the draft of a database; all of it belongs to the add-on's owner then. */
export async function restoreDump(
  path: string,
  { programs, url, names }: { programs: ClientPrograms; url: ServerUrl; names: Names },
  signal: AbortSignal,
): Promise<void> {
  const options = ['--no-owner', '--no-acl', '--no-password', '--exit-on-error', `--role=${names.owner}`]
  try {
    await runClient(
      { program: programs.restore, args: [...options, path], url, database: names.draft },
      signal,
      async output => void output.resume(),
    )
  } catch (error) {
    if (!(error instanceof ClientFailure)) throw error
    throw new ProviderRefusal(`The backup cannot be restored. ${error.message}`, { cause: error })
  }
}

/** Deletes a dump, and what was left of one that was never finished. */
export async function deleteDump(path: string): Promise<void> {
  for (const each of [path, `${path}.new`]) await rm(each, { force: true })
}
