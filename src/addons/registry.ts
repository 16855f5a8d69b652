import type { Addon } from '../core/addon.ts'
import type { AddonService, SsoLink, Visitor } from '../core/addon-service.ts'
import type { RegisteredService } from '../ledger/addon-services.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { resourceOf } from './context.ts'
import type { Provider } from './provider.ts'

/** Who provides what: the platform's own providers, and those that were registered by their manifests. */
export class ProviderRegistry {
  readonly #ledger: Ledger
  readonly #own: readonly Provider[]
  readonly #providerFrom: (service: RegisteredService) => Provider
  /** Of each registered service the provider made of its manifest as it is. */
  readonly #made = new Map<string, { updatedAt: number; provider: Provider }>()

  constructor(
    ledger: Ledger,
    own: readonly Provider[],
    providerFrom: (service: RegisteredService) => Provider,
  ) {
    this.#ledger = ledger
    this.#own = own
    this.#providerFrom = providerFrom
  }

  /** The provider of a service; undefined when nobody provides it any more. */
  async providerOf(service: string): Promise<Provider | undefined> {
    const own = this.#own.find(({ services }) => services.some(({ name }) => name === service))
    if (own) return own
    const registered = await this.#ledger.read.addonServices.byName(service)
    return registered && this.#of(registered)
  }

  async services(): Promise<readonly AddonService[]> {
    const registered = await this.#ledger.read.addonServices.list()
    const all = [...this.#own, ...registered.map(service => this.#of(service))]
    return all.flatMap(({ services }) => services)
  }

  async sso(addon: Addon, visitor: Visitor): Promise<SsoLink | null> {
    const provider = await this.providerOf(addon.service)
    return provider?.sso?.(resourceOf(addon), visitor) ?? null
  }

  async canRotate(service: string): Promise<boolean> {
    return (await this.providerOf(service))?.rotate !== undefined
  }

  #of(service: RegisteredService): Provider {
    const made = this.#made.get(service.name)
    if (made?.updatedAt === service.updatedAt) return made.provider
    const provider = this.#providerFrom(service)
    this.#made.set(service.name, { updatedAt: service.updatedAt, provider })
    return provider
  }
}
