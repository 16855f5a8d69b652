import { chmod, link, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Whiteout } from '../archive/whiteout.ts'
import { inBatches } from './in-batches.ts'

/** An unpacked layer, and what it takes away of those below. */
export interface UnpackedLayer {
  directory: string
  whiteouts: readonly Whiteout[]
}

/**
 * Puts unpacked layers, lowest first, together in an empty directory as a container would see them. Files are second
 * names of the layers' own, so that it takes next to no room.
 */
export async function mergeLayers(layers: readonly UnpackedLayer[], into: string): Promise<void> {
  for (const { directory, whiteouts } of layers) {
    for (const whiteout of whiteouts) await takeAway(whiteout, into)
    await lay(directory, into, 'app')
  }
}

async function takeAway({ kind, path }: Whiteout, from: string): Promise<void> {
  // A link on the way would lead elsewhere, and then there is nothing to remove here.
  if (!(await isReached(kind === 'empty' ? `${path}/x` : path, from))) return
  const place = join(from, path)
  const doomed = kind === 'remove' ? [place] : (await readdir(place)).map(name => join(place, name))
  for (const file of doomed) await rm(file, { recursive: true, force: true })
}

/** Whether all that is above `path` are directories. */
async function isReached(path: string, from: string): Promise<boolean> {
  let place = from
  for (const part of path.split('/').slice(0, -1)) {
    place = join(place, part)
    const stats = await lstat(place).catch(() => undefined)
    if (!stats?.isDirectory()) return false
  }
  return true
}

/** Lays one thing of a layer, with all in it, over what is there. Everything above is a directory already. */
async function lay(layer: string, into: string, path: string): Promise<void> {
  const [source, target] = [join(layer, path), join(into, path)]
  const [stats, present] = await Promise.all([lstat(source), lstat(target).catch(() => undefined)])
  const bothDirectories = stats.isDirectory() && present?.isDirectory()
  if (present && !bothDirectories) await rm(target, { recursive: true })
  if (stats.isDirectory()) {
    if (!bothDirectories) await mkdir(target)
    await chmod(target, 0o755)
    await inBatches(await readdir(source), name => lay(layer, into, `${path}/${name}`))
  } else if (stats.isSymbolicLink()) await symlink(await readlink(source), target)
  else await link(source, target)
}
