import type { Addon } from '../core/addon.ts'
import type { Instant } from '../core/time.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Provider, Resource } from './provider.ts'

/** What the work on add-ons is done with. */
export interface AddonContext {
  ledger: Ledger
  /** Who provides a service; undefined when nobody does any more. */
  providerOf: (service: string) => Promise<Provider | undefined>
  clock: () => Instant
  /** Hears of what went wrong inside and will be tried again. */
  onTrouble: (trouble: { appId: string; doing: string; error: unknown }) => void
}

/** The resource behind an add-on, as its provider is to see it. */
export function resourceOf({ id, name, service, plan, wantedPlan, providerId }: Addon): Resource {
  return { id, name, service, plan: wantedPlan ?? plan, providerId }
}

/** What is left to do after a step: nothing but to look again then, or when something is heard; null when it is done. */
export type Outcome = { lookAt: Instant } | null
