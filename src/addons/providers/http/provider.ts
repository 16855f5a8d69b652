import { planNamed, type SsoLink } from '../../../core/addon-service.ts'
import {
  type PlanChange,
  type Provider,
  ProviderRefusal,
  ProviderUnavailable,
  type Provisioned,
  type ProvisionOptions,
  type ProvisionOrder,
  type Resource,
} from '../../provider.ts'
import { readPlanChange, readProviderId, readProvisioned } from './answer.ts'
import { type Answer, Caller, type CallLimits } from './caller.ts'
import { type OrderTerms, orderOf } from './order.ts'
import type { Partner } from './partner.ts'
import { refusalOf } from './refusal.ts'
import { type Visitor, visitOf } from './visit.ts'

export interface HttpProviderOptions extends Partner, OrderTerms {
  /** For visits, which are signed with the time. */
  clock?: () => Date
  limits?: Partial<CallLimits>
}

/** Add-ons of somebody else's service, over version 3 of the Add-on Partner API. */
export function httpProvider(options: HttpProviderOptions): Provider {
  return new HttpProvider(options)
}

class HttpProvider implements Provider {
  readonly services: Provider['services']
  readonly sso?: (resource: Resource, visitor: Visitor) => SsoLink
  readonly #options: HttpProviderOptions
  readonly #caller: Caller

  constructor(options: HttpProviderOptions) {
    const { manifest, service, clock = () => new Date() } = options
    this.services = [service]
    this.#options = options
    this.#caller = new Caller(options, options.limits)
    const { ssoUrl: action, ssoSalt } = manifest
    if (action === null || ssoSalt === null) return
    this.sso = (resource, visitor) =>
      visitOf({ manifest, service, action, salt: ssoSalt.reveal() }, resource, { visitor, at: clock() })
  }

  async provision(resource: Resource, order: ProvisionOrder, signal: AbortSignal): Promise<Provisioned> {
    signal.throwIfAborted()
    this.#checkPlan(resource)
    if (order.from) throw this.#refusal('cannot begin an add-on with what was kept of another one.')
    const answer = await this.#post(resource, order.options, signal)
    if ([200, 201, 202].includes(answer.status)) return readProvisioned(this.#options, answer)
    throw refusalOf(this.#options, answer)
  }

  async changePlan(resource: Resource, signal: AbortSignal): Promise<PlanChange> {
    signal.throwIfAborted()
    this.#checkPlan(resource)
    const { id } = this.#options.manifest
    if (resource.providerId === null) {
      throw new ProviderUnavailable(
        `${id} has not answered yet that ${resource.name} is there. Try again later.`,
      )
    }
    const call = { method: 'PUT', path: pathOf(resource.providerId), body: { plan: resource.plan } } as const
    const answer = await this.#caller.call(call, signal)
    if (isOk(answer)) return readPlanChange(this.#options, answer)
    throw refusalOf(this.#options, answer)
  }

  /**
   * The id that the provider gave is the only name it must know a resource by. Where it never answered, the one documented
   * way to learn that id is to ask again with the same uuid, which means the same resource; if it never heard of it
   * before, what it makes now goes in the same breath.
   */
  async deprovision(resource: Resource, signal: AbortSignal): Promise<'gone' | 'pending'> {
    signal.throwIfAborted()
    const providerId = resource.providerId ?? (await this.#learnId(resource, signal))
    if (providerId === null) return 'gone'
    const answer = await this.#caller.call({ method: 'DELETE', path: pathOf(providerId) }, signal)
    if (answer.status === 202) return 'pending'
    if (isOk(answer) || answer.status === 404 || answer.status === 410) return 'gone'
    throw refusalOf(this.#options, answer)
  }

  /**
   * The Partner API has no such question. 410 is its word for what was deleted. Every other answer says only that the
   * provider is there: 404 too, which is what one written by the documentation answers to a GET it never heard of.
   */
  async status(resource: Resource, signal: AbortSignal): Promise<'here' | 'gone'> {
    const path = pathOf(resource.providerId ?? resource.id)
    const answer = await this.#caller.call({ method: 'GET', path, takesErrors: true }, signal)
    return answer.status === 410 ? 'gone' : 'here'
  }

  /** Null when the provider says that it is gone, or that it will not make it. */
  async #learnId(resource: Resource, signal: AbortSignal): Promise<string | null> {
    const answer = await this.#post(resource, {}, signal)
    if (answer.status === 410 || answer.status === 422) return null
    if (isOk(answer)) return readProviderId(this.#options, answer)
    throw refusalOf(this.#options, answer)
  }

  async #post(resource: Resource, options: ProvisionOptions, signal: AbortSignal): Promise<Answer> {
    const body = await orderOf(this.#options, resource, options)
    return await this.#caller.call({ method: 'POST', path: '', body }, signal)
  }

  #checkPlan({ plan }: Resource): void {
    const { service } = this.#options
    if (planNamed(service, plan)) return
    throw this.#refusal(
      `has no plan ${plan}. Its plans are ${service.plans.map(each => each.name).join(', ')}.`,
    )
  }

  #refusal(reason: string): ProviderRefusal {
    return new ProviderRefusal(`${this.#options.manifest.id} ${reason}`)
  }
}

function pathOf(providerId: string): string {
  return `/${encodeURIComponent(providerId)}`
}

function isOk(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300
}
