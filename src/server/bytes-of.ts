import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of all files below a path, or of the file that it is; 0 when there is nothing. What vanishes meanwhile is not counted. */
export async function bytesOf(path: string): Promise<number> {
  const own = await lstat(path).catch(() => undefined)
  if (!own?.isDirectory()) return own?.size ?? 0
  let bytes = 0
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) bytes += await bytesOf(inside)
    else bytes += (await lstat(inside).catch(() => undefined))?.size ?? 0
  }
  return bytes
}
