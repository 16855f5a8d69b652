import { readFile } from 'node:fs/promises'
import { type Credentials, readCredentials } from './credentials.ts'
import { dataDirectory, type Endpoints, readEndpoints, readOwnerToken } from './endpoints.ts'
import { UsageError } from './errors.ts'

/** A platform and who we are there. */
export interface Platform {
  /** The API's origin: `http://localhost:5000`. */
  url: string
  token: string | undefined
  ca: string | undefined
  caFile: string | undefined
  /** The origin of its git remotes, where that is known without asking. */
  git: string | undefined
  /** The data directory of the server on this machine, when that is the platform. */
  dataDirectory: string | undefined
}

/**
 * Which platform is meant: TIDEMARK_URL, else the one logged in to, else the one on this machine. A stored token goes
 * only to the platform that gave it.
 */
export async function findPlatform(env: NodeJS.ProcessEnv): Promise<Platform> {
  const [credentials, endpoints] = await Promise.all([
    readCredentials(env),
    readEndpoints(dataDirectory(env)),
  ])
  const url = env.TIDEMARK_URL || credentials.url || endpoints?.api
  if (!url) {
    throw new UsageError(
      'No platform is known. Start one on this machine with: tidemark server\nor name one in TIDEMARK_URL, or log in: tidemark login --url URL',
    )
  }
  return describe(origin(url), { env, credentials, endpoints })
}

/** The platform at `url`, with the token of {@link findPlatform} only where that is the same one. */
export async function platformAt(env: NodeJS.ProcessEnv, url: string): Promise<Platform> {
  const [credentials, endpoints] = await Promise.all([
    readCredentials(env),
    readEndpoints(dataDirectory(env)),
  ])
  const meant = env.TIDEMARK_URL || credentials.url || endpoints?.api
  const isMeant = meant !== undefined && origin(meant) === origin(url)
  const { TIDEMARK_API_KEY: _, ...others } = env
  return describe(origin(url), { env: isMeant ? env : others, credentials, endpoints })
}

interface Known {
  env: NodeJS.ProcessEnv
  credentials: Credentials
  endpoints: Endpoints | undefined
}

async function describe(url: string, { env, credentials, endpoints }: Known): Promise<Platform> {
  const isHere =
    endpoints !== undefined && [endpoints.api, endpoints.api_tls].some(api => api && origin(api) === url)
  const login = credentials.logins[url]
  const caFile = env.TIDEMARK_CA_FILE || login?.caFile || (isHere ? endpoints.ca_file : undefined)
  return {
    url,
    token: env.TIDEMARK_API_KEY || login?.token || (isHere ? await readOwnerToken(endpoints) : undefined),
    caFile,
    ca: url.startsWith('https:') && caFile ? await readAuthority(caFile) : undefined,
    git: isHere && endpoints.git ? origin(endpoints.git) : undefined,
    dataDirectory: isHere ? dataDirectory(env) : undefined,
  }
}

export async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`The CA file ${file} cannot be read. Name a readable PEM file.`, { cause })
  }
}

/** `http://localhost:5000` of any URL there. Throws when it is not an http or https URL. */
export function origin(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `${JSON.stringify(text)} is not the URL of a platform. Write it like http://localhost:5000`,
    )
  }
  return url.origin
}
