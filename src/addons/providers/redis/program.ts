import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const NAMES = ['redis-server', 'valkey-server']

/** The program in `path` (as in PATH) that serves Redis; undefined when none is installed. */
export async function findProgram(path: string): Promise<string | undefined> {
  for (const directory of path.split(delimiter).filter(Boolean)) {
    for (const name of NAMES) {
      const program = join(directory, name)
      if (await isExecutable(program)) return program
    }
  }
  return undefined
}

async function isExecutable(program: string): Promise<boolean> {
  try {
    await access(program, constants.X_OK)
    return true
  } catch {
    return false
  }
}
