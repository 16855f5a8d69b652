import type { HostedProvider } from '../addons/provider.ts'
import { ProviderRegistry } from '../addons/registry.ts'
import { AddonWorker } from '../addons/worker.ts'
import type { AddonCatalogue } from '../api/context.ts'
import { partnerProvider } from './partners.ts'
import type { Stack } from './stack.ts'
import type { Storage } from './storage.ts'
import { report } from './trouble.ts'

/** The add-ons of a platform. */
export interface Addons extends AddonCatalogue {
  /** From now on, ending the server leaves the programs of add-ons running. */
  keep(): void
}

/** Takes up the programs of add-ons that run, and the work on add-ons that is left. */
export async function startAddons(
  { ledger }: Storage,
  { parts, hosted, api }: { parts: Stack; hosted: readonly HostedProvider[]; api: string },
): Promise<Addons> {
  let isKept = false
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
  return {
    services: () => registry.services(),
    sso: (addon, visitor) => registry.sso(addon, visitor),
    canRotate: service => registry.canRotate(service),
    keep: () => {
      isKept = true
    },
  }
}
