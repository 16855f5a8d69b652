import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** How git names the directories in which a push's objects wait until it is accepted. */
const QUARANTINE = 'tmp_objdir-'

/**
 * Removes what an earlier server's end cut off in a directory of bare repositories: the objects of pushes, which git
 * leaves when it loses its reader, and repositories half made. To be called before any push is taken.
 */
export async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    if (name.endsWith('.git')) await removeQuarantines(join(path, 'objects'))
    else await rm(path, { recursive: true, force: true })
  }
}

/** Each is renamed first, so that a git which is about to take the objects over fails as a whole. */
async function removeQuarantines(objects: string): Promise<void> {
  const found = await readdir(objects).catch(() => [])
  for (const name of found.filter(entry => entry.startsWith(QUARANTINE))) {
    const doomed = join(objects, `${QUARANTINE}${randomUUID()}`)
    // Gone meanwhile, when the git it belonged to has just ended in order.
    await rename(join(objects, name), doomed).catch(() => {})
    await rm(doomed, { recursive: true, force: true })
  }
}
