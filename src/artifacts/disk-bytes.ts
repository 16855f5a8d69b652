import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inBatches } from './in-batches.ts'
import { isMissing } from './missing.ts'

/** Bytes of all files in a directory; several names of one file count once, and what vanishes meanwhile not at all. */
export async function diskBytes(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(unlessMissing)
  const files = await inBatches(names ?? [], name => lstat(join(directory, name)).catch(unlessMissing))
  const sizes = new Map<number, number>()
  for (const stats of files) if (stats && !stats.isDirectory()) sizes.set(stats.ino, stats.size)
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
