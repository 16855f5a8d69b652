import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../files/missing.ts'
import { inBatches } from './in-batches.ts'

/**
 * Bytes of all files in a directory; several names of one file count once, and what vanishes meanwhile not at all. No
 * link is followed: those of apps lead anywhere.
 */
export async function diskBytes(directory: string): Promise<number> {
  const sizes = new Map<number, number>()
  await visit(directory, sizes)
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

async function visit(directory: string, sizes: Map<number, number>): Promise<void> {
  const entries = (await readdir(directory, { withFileTypes: true }).catch(unlessMissing)) ?? []
  const files = entries.filter(entry => !entry.isDirectory())
  const stats = await inBatches(files, ({ name }) => lstat(join(directory, name)).catch(unlessMissing))
  for (const file of stats) if (file) sizes.set(file.ino, file.size)
  for (const entry of entries) if (entry.isDirectory()) await visit(join(directory, entry.name), sizes)
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
