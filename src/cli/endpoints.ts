import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a server on this machine listens, as it wrote it down in its data directory. */
export interface Endpoints {
  api: string
  api_tls: string
  git: string
  router: string
  ca_file: string
  owner_token_file: string
}

export function dataDirectory(env: NodeJS.ProcessEnv): string {
  const home = env.HOME || homedir()
  return env.TIDEMARK_DATA_DIR || join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'tidemark')
}

/** Undefined when no server ran on this machine, or its data are another user's. */
export async function readEndpoints(directory: string): Promise<Endpoints | undefined> {
  const text = await readable(join(directory, 'endpoints.json'))
  return text === undefined ? undefined : (JSON.parse(text) as Endpoints)
}

/** The token of the platform's owner, for whoever may read it. */
export async function readOwnerToken(endpoints: Endpoints): Promise<string | undefined> {
  return (await readable(endpoints.owner_token_file))?.trim() || undefined
}

async function readable(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}
