import { rm } from 'node:fs/promises'
import type { Addresses } from '../api/context.ts'
import { writeDurably } from '../files/durable.ts'
import type { Paths } from './paths.ts'

/** What `endpoints.json` says, for programs on this machine that want to use the platform. */
export interface Endpoints {
  api: string
  api_tls: string
  git: string
  router: string
  ca_file: string
  owner_token_file: string
}

export function endpointsOf(addresses: Addresses, files: { ca: string; ownerToken: string }): Endpoints {
  return {
    api: addresses.api,
    api_tls: addresses.apiTls,
    git: addresses.git,
    router: `http://${addresses.appsDomain}:${addresses.routerPort}`,
    ca_file: files.ca,
    owner_token_file: files.ownerToken,
  }
}

/** Written once everything answers: whoever finds the file may use what it names. */
export async function writeEndpoints(paths: Paths, endpoints: Endpoints): Promise<void> {
  await writeDurably(paths.endpoints, `${JSON.stringify(endpoints, null, 2)}\n`)
}

/** Nothing answers any more, or not yet. */
export async function removeEndpoints(paths: Paths): Promise<void> {
  await rm(paths.endpoints, { force: true })
}
