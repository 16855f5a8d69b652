import { join } from 'node:path'
import type { HostedProvider } from '../addons/provider.ts'
import { openPostgres } from '../addons/providers/postgres/provider.ts'
import { openRedis } from '../addons/providers/redis/provider.ts'
import { ProviderRegistry } from '../addons/registry.ts'
import { AddonWorker } from '../addons/worker.ts'
import type { AddonCatalogue } from '../api/context.ts'
import { outOfReach } from './addon-reach.ts'
import type { ServerConfig } from './config.ts'
import { partnerProvider } from './partners.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/** The add-ons of a platform. */
export interface Addons extends AddonCatalogue {
  /** From now on, ending the server leaves the programs of add-ons running. */
  keep(): void
}

/** Takes up the programs of add-ons that run, and the work on add-ons that is left. `api` is where providers find us. */
export async function startAddons(
  storage: Storage,
  { config, parts, api }: { config: ServerConfig; parts: Stack; api: string },
): Promise<Addons> {
  const { ledger } = storage
  const hosted = await openProviders(storage, config)
  // Until all has started, what was there before us is left alone.
  let isKept = true
  parts.push(async () => {
    if (isKept) for (const provider of hosted) provider.release()
    else await Promise.all(hosted.map(provider => provider.stop()))
  })
  for (const provider of hosted) {
    await provider.resume().catch(error => report({ doing: 'take up the programs of add-ons', error }))
  }
  const registry = new ProviderRegistry(ledger, hosted, service => partnerProvider(ledger, api, service))
  const worker = new AddonWorker({
    ledger,
    providerOf: service => registry.providerOf(service),
    clock: Date.now,
    onTrouble: report,
  })
  worker.start()
  parts.push(() => worker.close())
  isKept = false
  return {
    services: () => registry.services(),
    sso: (addon, visitor) => registry.sso(addon, visitor),
    canRotate: service => registry.canRotate(service),
    keep: () => {
      isKept = true
    },
  }
}

async function openProviders({ paths, derive }: Storage, config: ServerConfig): Promise<HostedProvider[]> {
  const { postgresAdminUrl, redisAdminUrl } = config
  const trouble = (error: unknown): void => report({ doing: 'keep the programs of add-ons running', error })
  return [
    await openPostgres({
      directory: join(paths.addons, 'postgresql'),
      backupsDirectory: join(paths.addons, 'backups'),
      key: derive('postgresql add-ons'),
      adminUrl: postgresAdminUrl,
      refusal: outOfReach(config, {
        name: 'PostgreSQL',
        variable: 'TIDEMARK_POSTGRES_ADMIN_URL',
        adminUrl: postgresAdminUrl,
      }),
      report: trouble,
    }),
    openRedis({
      directory: join(paths.addons, 'redis'),
      key: derive('redis add-ons'),
      adminUrl: redisAdminUrl,
      refusal: outOfReach(config, {
        name: 'Redis',
        variable: 'TIDEMARK_REDIS_ADMIN_URL',
        adminUrl: redisAdminUrl,
      }),
      trouble,
    }),
  ]
}
