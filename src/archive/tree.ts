import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ArchiveFault, leadsWithinImage } from './inside.ts'

/** One thing of a tree that is to be packed; `path` is relative to the app's root, `source` where it is on this machine. */
export type TreeEntry =
  | { kind: 'directory'; path: string }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'file'; path: string; source: string; size: number; executable: boolean }

export interface TreeSource {
  directory: string
  /** Where its content lies in the app: `node_modules`, or '' for the root. */
  at: string
  /** Paths inside `directory` to leave out, whole subtrees. */
  exclude: readonly string[]
}

/** Everything in a tree, in a fixed order, parents before children. Sockets, pipes and devices are left out. */
export async function readTree(source: TreeSource): Promise<readonly TreeEntry[]> {
  const excluded = new Set(source.exclude)
  const entries: TreeEntry[] = []
  const visit = async (inside: string): Promise<void> => {
    const children = (await readdir(join(source.directory, inside))).map(name =>
      inside === '' ? name : `${inside}/${name}`,
    )
    const kept = children.filter(path => !excluded.has(path))
    await inBatches(kept, async path => {
      const entry = await readEntry(source, path)
      if (entry) entries.push(entry)
      if (entry?.kind === 'directory') await visit(path)
    })
  }
  await visit('')
  for (const path of parents(source.at)) entries.push({ kind: 'directory', path })
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Enough to keep the file system busy, few enough to keep file descriptors and memory bounded. */
const BATCH = 64

async function inBatches(paths: readonly string[], visit: (path: string) => Promise<void>): Promise<void> {
  for (let i = 0; i < paths.length; i += BATCH) await Promise.all(paths.slice(i, i + BATCH).map(visit))
}

async function readEntry(source: TreeSource, inside: string): Promise<TreeEntry | undefined> {
  const file = join(source.directory, inside)
  const path = source.at === '' ? inside : `${source.at}/${inside}`
  const stats = await lstat(file)
  if (stats.isDirectory()) return { kind: 'directory', path }
  if (stats.isFile())
    return { kind: 'file', path, source: file, size: stats.size, executable: (stats.mode & 0o111) !== 0 }
  if (!stats.isSymbolicLink()) return undefined
  const target = await readlink(file)
  if (leadsWithinImage(path, target)) return { kind: 'link', path, target }
  throw new ArchiveFault(
    `The link ${path} leads to ${target}, outside the app. Make it a relative link to a file of the app, or remove it.`,
  )
}

/** `a`, `a/b` for `a/b`. */
function parents(at: string): string[] {
  const parts = at.split('/').filter(part => part !== '')
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}
