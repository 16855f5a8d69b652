import { isUtf8 } from 'node:buffer'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { packTree } from '../../../archive/pack.ts'
import type { TreeEntry } from '../../../archive/tree.ts'
import { BuildFailure } from '../../builder.ts'
import { readPlainFile } from '../../plain-file.ts'
import { type DockerIgnore, parseDockerIgnore } from './dockerignore.ts'

export interface BuildContext {
  /** The directory on this machine. */
  directory: string
  /** Name of the Dockerfile in it. */
  dockerfile: string
}

/**
 * The directory of a source tree that holds the Dockerfile at `path`: the build sees that and no more. Throws
 * {@link BuildFailure} when a link leads out of the tree: it could lead anywhere on this machine.
 */
export async function contextOf(tree: string, path: string): Promise<BuildContext> {
  const slash = path.lastIndexOf('/')
  const inside = slash === -1 ? '' : path.slice(0, slash)
  const directory = join(tree, inside)
  const real = await realpath(directory).catch(() => undefined)
  if (real !== undefined && real !== join(await realpath(tree), inside))
    throw new BuildFailure(`The directory of ${path} is reached by a link. Name the directory itself.`)
  return { directory, dockerfile: path.slice(slash + 1) }
}

/** What of a build context the engine gets: all that `.dockerignore` does not leave out, as a tar. */
export async function* packContext(context: BuildContext): AsyncGenerator<Buffer> {
  const text = await readPlainFile(join(context.directory, '.dockerignore'), 64 * 1024)
  const entries = await readContext(context, text === undefined ? null : parseDockerIgnore(text))
  yield* packTree(entries, '.')
}

/** Everything of a context in a fixed order, parents before children. Sockets, pipes and devices are left out. */
export async function readContext(
  { directory, dockerfile }: BuildContext,
  ignore: DockerIgnore | null,
): Promise<readonly TreeEntry[]> {
  // The engine reads these two itself, and leaves them out of the image if told to.
  const always = new Set(['.dockerignore', dockerfile])
  const entries: TreeEntry[] = []
  const visit = async (inside: string): Promise<void> => {
    const names = await readdir(join(directory, inside), { encoding: 'buffer' })
    for (const name of names.sort(Buffer.compare)) {
      const path = inside === '' ? `${name}` : `${inside}/${name}`
      const isIgnored = !always.has(path) && (ignore?.ignores(path) ?? false)
      if (isIgnored && !(ignore?.hasExceptions && isUtf8(name))) continue
      if (!isUtf8(name)) throw new BuildFailure(unreadable(path))
      const entry = await readEntry(directory, path)
      if (entry && !isIgnored) entries.push(entry)
      if (entry?.kind === 'directory') await visit(path)
    }
  }
  await visit('')
  return entries
}

function unreadable(path: string): string {
  return `The name of ${path} is not UTF-8. Rename it, or name it in .dockerignore.`
}

async function readEntry(directory: string, path: string): Promise<TreeEntry | undefined> {
  const source = join(directory, path)
  const stats = await lstat(source)
  if (stats.isDirectory()) return { kind: 'directory', path }
  // A link is packed as what it says; where it leads is a matter of the image, not of this machine.
  if (stats.isSymbolicLink()) return { kind: 'link', path, target: await readlink(source) }
  if (!stats.isFile()) return undefined
  return { kind: 'file', path, source, size: stats.size, executable: (stats.mode & 0o111) !== 0 }
}
