import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * How git names the directories in which a push's objects wait until it is accepted, and the packs that it is writing:
 * of a compaction, as large as the repository.
 */
const UNFINISHED = /^(tmp_|\.tmp-)/
/** While one is there, git takes it that another git is at work, and refuses the push, or the compaction. */
const LOCK = /\.lock$|^gc\.pid$/

/**
 * Removes what an earlier server's end cut off in a directory of bare repositories: the objects of pushes, which git
 * leaves when it loses its reader, packs and locks, which it leaves when it is killed or the power fails, and
 * repositories half made. To be called before any push is taken.
 */
export async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    if (name.endsWith('.git')) await clear(path)
    else await rm(path, { recursive: true, force: true })
  }
}

async function clear(repository: string): Promise<void> {
  const refs = await readdir(join(repository, 'refs'), { recursive: true }).catch(() => [])
  const found = [
    ...(await matching(repository, ['objects', 'objects/pack'], UNFINISHED)),
    ...(await matching(repository, ['', 'objects/info', 'objects/info/commit-graphs'], LOCK)),
    // No ref may have such a name.
    ...refs.filter(name => name.endsWith('.lock')).map(name => join('refs', name)),
  ]
  for (const path of found) {
    // Renamed first, so that a git which is about to take it over fails as a whole.
    const doomed = join(repository, 'objects', `tmp_${randomUUID()}`)
    // Gone meanwhile, when the git it belonged to has just ended in order.
    await rename(join(repository, path), doomed).catch(() => {})
    await rm(doomed, { recursive: true, force: true })
  }
}

async function matching(
  repository: string,
  directories: readonly string[],
  pattern: RegExp,
): Promise<string[]> {
  const found: string[] = []
  for (const directory of directories) {
    const names = await readdir(join(repository, directory)).catch(() => [])
    for (const name of names) if (pattern.test(name)) found.push(join(directory, name))
  }
  return found
}
