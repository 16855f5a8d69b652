import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deleteFile } from './missing.ts'

/**
 * Writes a whole file that only its owner may read, for good: after a crash at any moment either the old or the new
 * content is there. It is written to `temporary` first, on the same file system: beside it, when left out.
 */
export async function writeDurably(
  path: string,
  content: Buffer | string,
  temporary = `${path}.new`,
): Promise<void> {
  // What a crash left of an earlier one may belong to others.
  await deleteFile(temporary)
  try {
    await using file = await open(temporary, 'wx', 0o600)
    await file.writeFile(content)
    await file.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await moveDurably(temporary, path)
}

/** Gives a finished, synced file its name, for good. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncDirectory(dirname(to))
}

/** A name is on the disk only once its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}
