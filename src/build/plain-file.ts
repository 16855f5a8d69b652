import { constants, open } from 'node:fs/promises'
import { BuildFailure } from './builder.ts'

/** A path may be one that somebody wrote down: it leads through a file, or no file could have it. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])

/**
 * The text of a file that somebody else wrote; undefined when there is none. Links are not followed, for they may lead
 * anywhere on this machine. Throws {@link BuildFailure} when it is larger than `maxBytes`, no plain file or no text.
 */
export async function readPlainFile(path: string, maxBytes: number): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && ABSENT.has(String(error.code))) return undefined
      if (error instanceof Error && 'code' in error && error.code === 'ELOOP')
        throw new BuildFailure(`${name(path)} is a link. Make it a plain file.`)
      throw error
    },
  )
  if (!file) return undefined
  await using _ = file
  const stats = await file.stat()
  if (!stats.isFile()) throw new BuildFailure(`${name(path)} is not a plain file.`)
  if (stats.size > maxBytes)
    throw new BuildFailure(`${name(path)} has ${stats.size} bytes; it may have ${maxBytes}.`)
  const bytes = await file.readFile()
  if (bytes.includes(0))
    throw new BuildFailure(
      `${name(path)} is no UTF-8 text: it has NUL bytes in it, as UTF-16 has. Save it as UTF-8.`,
    )
  return bytes.toString()
}

function name(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
