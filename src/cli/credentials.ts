import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** A login that `tidemark login` made. */
interface Login {
  email: string
  token: string
  /** PEM file of the platform's certificate authority, where the system does not trust it. */
  caFile?: string
}

/** Who the user is on which platform; kept in a file that nobody else can read. */
export interface Credentials {
  /** The API of the platform that was logged in to last. */
  url?: string
  /** By the API's origin: `http://localhost:5000`. */
  logins: Record<string, Login>
}

export function credentialsFile(env: NodeJS.ProcessEnv): string {
  const config = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config')
  return join(config, 'tidemark', 'credentials.json')
}

/** Nobody's, when there is no such file. Throws when it is damaged. */
export async function readCredentials(env: NodeJS.ProcessEnv): Promise<Credentials> {
  const file = credentialsFile(env)
  try {
    const stored = JSON.parse(await readFile(file, 'utf8')) as Partial<Credentials>
    return { ...stored, logins: stored.logins ?? {} }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { logins: {} }
    throw new Error(`The stored logins in ${file} cannot be read. Remove the file and log in again.`, {
      cause,
    })
  }
}

/** Replaces the file in one step, so that a crash leaves the old one or the new one. */
export async function writeCredentials(env: NodeJS.ProcessEnv, credentials: Credentials): Promise<void> {
  const file = credentialsFile(env)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  try {
    await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flush: true })
    await chmod(draft, 0o600)
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}
