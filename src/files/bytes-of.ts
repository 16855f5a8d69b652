import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Bytes of all files below a path, or of the file that it is; 0 when there is nothing. Several names of one file count
 * once: unpacked layers share theirs. What vanishes meanwhile is not counted.
 */
export async function bytesOf(path: string): Promise<number> {
  const own = await lstat(path).catch(() => undefined)
  return own?.isDirectory() ? below(path, new Set()) : (own?.size ?? 0)
}

/** `seen` are the files of several names that were counted. */
async function below(directory: string, seen: Set<string>): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const inside = join(directory, entry.name)
    if (entry.isDirectory()) bytes += await below(inside, seen)
    else bytes += uncounted(await lstat(inside).catch(() => undefined), seen)
  }
  return bytes
}

function uncounted(stats: Stats | undefined, seen: Set<string>): number {
  if (!stats || stats.nlink === 1) return stats?.size ?? 0
  const file = `${stats.dev}:${stats.ino}`
  if (seen.has(file)) return 0
  seen.add(file)
  return stats.size
}
