import type { Addon } from '../core/addon.ts'
import { type AddonService, type Plan, planNamed, serviceNamed } from '../core/addon-service.ts'
import { invalid, notFound } from '../core/errors.ts'
import type { ApiContext } from './context.ts'

/** The services of one moment, looked up by what clients call them. */
export class Catalogue {
  readonly services: readonly AddonService[]

  private constructor(services: readonly AddonService[]) {
    this.services = services
  }

  static async of({ addons }: Pick<ApiContext, 'addons'>): Promise<Catalogue> {
    return new Catalogue(await addons.services())
  }

  /** The service that a name, an alias or an id means. Throws `not_found`. */
  service(identity: string): AddonService {
    const service = serviceNamed(this.services, identity)
    if (!service) throw notFound('add_on_service')
    return service
  }

  /** `service`, `service:plan`, or an alias of either. Throws the sentence that clients look for. */
  plan(identity: string): { service: AddonService; plan: Plan } {
    const [name = '', planName] = identity.split(':', 2)
    const service = serviceNamed(this.services, name)
    const plan = service && planNamed(service, planName)
    if (service && plan) return { service, plan }
    const known = service
      ? `The plans of ${service.name} are: ${service.plans.map(each => each.name).join(', ')}.`
      : `The services here are: ${this.services.map(each => each.name).join(', ')}.`
    throw invalid(`Couldn't find either the add-on service or the add-on plan of "${identity}". ${known}`)
  }

  /** The name that an alias stands for. */
  readonly nameOf = (name: string): string => serviceNamed(this.services, name)?.name ?? name

  /** The service of an add-on, also when nobody offers it any more. */
  serviceOf({ service, prefix }: Pick<Addon, 'service' | 'prefix'>): AddonService {
    return (
      serviceNamed(this.services, service) ?? {
        ...GONE,
        name: service,
        humanName: service,
        prefix,
        furtherPrefix: prefix,
      }
    )
  }
}

const GONE = { aliases: [], configVars: [], plans: [], supportsSharing: true, planAliases: {} }
