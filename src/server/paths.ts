import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Where everything is in the data directory. */
export interface Paths {
  root: string
  ledger: string
  lock: string
  masterKey: string
  capabilityKey: string
  ownerToken: string
  endpoints: string
  tls: string
  git: string
  artifacts: string
  unknownImages: string
  sources: string
  builds: string
  caches: string
  buildpacks: string
  transcripts: string
  logs: string
  addons: string
  dynos: string
  containers: string
  images: string
  sandbox: string
  routerSocket: string
  routerTable: string
}

/** Directories that only the server's own user may enter; the others are passed through by dynos and builds. */
const PRIVATE = ['git', 'sources', 'transcripts', 'logs', 'tls', 'run'] as const

/** Names the data directory's places and makes the directories that are missing. */
export async function preparePaths(root: string): Promise<Paths> {
  const paths = {
    root,
    ledger: join(root, 'ledger.db'),
    lock: join(root, 'lock.db'),
    masterKey: join(root, 'master.key'),
    capabilityKey: join(root, 'capability.key'),
    ownerToken: join(root, 'owner-token'),
    endpoints: join(root, 'endpoints.json'),
    tls: join(root, 'tls'),
    git: join(root, 'git'),
    artifacts: join(root, 'artifacts'),
    unknownImages: join(root, 'artifacts', 'unknown.json'),
    sources: join(root, 'sources'),
    builds: join(root, 'builds'),
    caches: join(root, 'caches'),
    buildpacks: join(root, 'buildpacks'),
    transcripts: join(root, 'transcripts'),
    logs: join(root, 'logs'),
    addons: join(root, 'addons'),
    dynos: join(root, 'dynos'),
    containers: join(root, 'containers'),
    images: join(root, 'images'),
    sandbox: join(root, 'sandbox'),
    routerSocket: join(root, 'run', 'router.sock'),
    routerTable: join(root, 'run', 'router-table.json'),
  }
  await mkdir(root, { recursive: true, mode: 0o711 })
  for (const name of PRIVATE) await mkdir(join(root, name), { recursive: true, mode: 0o700 })
  return paths
}
