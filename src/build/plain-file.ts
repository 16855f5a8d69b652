import { constants, open } from 'node:fs/promises'
import { BuildFailure } from './builder.ts'

/**
 * The text of a file that somebody else wrote; undefined when there is none. Links are not followed, for they may lead
 * anywhere on this machine. Throws {@link BuildFailure} when it is larger than `maxBytes` or no plain file.
 */
export async function readPlainFile(path: string, maxBytes: number): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
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
  return file.readFile('utf8')
}

function name(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
