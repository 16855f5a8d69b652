import { unlink } from 'node:fs/promises'

/** Whether an error of the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Undefined for what is not there; whatever else keeps it from being read is no sign of that. */
export async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Deletes a file, if it is there. One call of the system; `rm` takes two. */
export async function deleteFile(path: string): Promise<void> {
  await unlessMissing(unlink(path))
}
